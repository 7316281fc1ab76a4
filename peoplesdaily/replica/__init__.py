"""A replica of People's Daily Online's English edition, embedded in the project.

It answers like the site, so that crawls can be tried, tested and measured without it. Addresses
and markup follow what public crawlers of the site select on and what real pages of the same CMS
show; nobody here has seen the raw HTML of an English page. All articles are invented.

The replica knows nothing of the project's parsers: it shares only the section table and the
output contract with them, so that agreement between the two means something.
"""
