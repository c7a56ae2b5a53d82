"""Why a person has the score that they have."""
