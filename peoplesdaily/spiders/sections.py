"""One spider for each section of :mod:`peoplesdaily.site.sections`."""

from __future__ import annotations

from peoplesdaily.site.sections import SECTIONS, Section
from peoplesdaily.spiders.listings import SectionSpider


def _spider(section: Section) -> type[SectionSpider]:
    name = section.name.title().replace("_", "") + "Spider"
    # Scrapy lists the classes of this module only.
    return type(
        name, (SectionSpider,), {"name": section.name, "section": section, "__module__": __name__}
    )


globals().update({spider.__name__: spider for spider in map(_spider, SECTIONS.values())})
