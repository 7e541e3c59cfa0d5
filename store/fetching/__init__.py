"""Pages and feeds fetched from the web: what a stranger's server can do to the reader is bounded.

Every address is checked before it is connected to, every fetch has one deadline, every answer a size. Importing this
package loads no library.
"""

from __future__ import annotations

from store.fetching.answers import Fetched
from store.fetching.fetcher import Fetcher

__all__ = ["Fetched", "Fetcher"]
