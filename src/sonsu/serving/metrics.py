"""What a server counts, for Prometheus."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
# From a digit on a quick machine to a page on a slow one.
_SECONDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30)


class Metrics:
    """The counters of one server."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self.requests = self._counter("sonsu_requests", "Requests that were answered.", "route", "status")
        self.seconds = Histogram(
            "sonsu_request_seconds", "From a request's first byte to its answer's last.", ["route"],
            buckets=_SECONDS, registry=self._registry,
        )  # fmt: skip
        self.pictures = self._counter("sonsu_pictures", "Pictures and pages that were read.")
        self.digits = self._counter("sonsu_digits", "Digits that were found.", "status")
        self.under_way = Gauge(
            "sonsu_reading_under_way", "Requests being read or waiting for it.", registry=self._registry
        )
        ProcessCollector(registry=self._registry)

    def _counter(self, name: str, what: str, *labels: str) -> Counter:
        return Counter(name, what, labels, registry=self._registry)

    def text(self) -> bytes:
        """All of them in Prometheus' text format."""
        return generate_latest(self._registry)
