"""Facts about the site, as data: sections, addresses, editions."""
