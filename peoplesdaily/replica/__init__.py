"""A replica of People's Daily Online's English edition, embedded in the project.

It responds like the site, so that crawls can be tried, tested and measured offline. Source of
addresses and markup: selectors of public crawlers and real pages of the same CMS; the raw HTML of
an English page was never seen. All articles are invented.

The replica does not import the parsers, only the section table and the output contract, so that it
is an independent check of them.
"""
