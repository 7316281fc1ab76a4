"""The site's templates, one module each: where headline, byline and story are."""
