"""A run: its manifest, its verdict, its monitors, its report."""
