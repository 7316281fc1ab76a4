"""The project's commands. A module that begins with an underscore is a helper, no command."""

from peoplesdaily.utils import interrupts

# Scrapy imports every command before it runs one: from here on, a signal ends it in order.
interrupts.listen()
