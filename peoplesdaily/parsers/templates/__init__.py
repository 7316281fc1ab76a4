"""One module a template of the site: where its headline, byline and story are."""
