"""What a fit leaves unexplained, and how well it forecasts."""
