"""An oracle for budgets, independent of the package: random problems, a dynamic programme, random plans, a judge."""
