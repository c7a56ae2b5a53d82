"""Which curve do the data support: many curves fitted to the same rows and compared."""
