"""What a planner may ask: the words of constraints, and the model they make."""
