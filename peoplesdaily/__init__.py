"""People's Daily Online as a clean, deduplicated corpus: a Scrapy project."""

__version__ = "0.1.0"
