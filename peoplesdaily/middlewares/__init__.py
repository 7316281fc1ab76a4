"""Downloader middlewares: retries, redirects, whole answers, the breaker, the request budget."""
