"""What the containers of the endpoints were asked, as a page in Prometheus' text format."""

from __future__ import annotations

from collections.abc import Iterator

from localcloud.cloud import Cloud

# The counters of the page, and their columns in localcloud.services.cloudwatch.metrics' table.
_METRICS = {
    "localcloud_invocations_total": "invocations",
    "localcloud_invocation_4xx_errors_total": "errors_4xx",
    "localcloud_invocation_5xx_errors_total": "errors_5xx",
    "localcloud_container_latency_milliseconds_total": "latency_sum_ms",
}


def prometheus_page(cloud: Cloud) -> str:
    """The page of all endpoints."""
    return "\n".join(_lines(cloud)) + "\n"


def _lines(cloud: Cloud) -> Iterator[str]:
    """The lines of the page: every container's counts since its endpoint's first minute."""
    columns = ", ".join(f"sum({column}) AS {column}" for column in _METRICS.values())
    with cloud.store.read() as connection:
        rows = connection.execute(
            f"SELECT endpoint, variant, container, {columns} FROM endpoint_metrics GROUP BY 1, 2, 3"  # noqa: S608
        ).fetchall()
    for name, column in _METRICS.items():
        yield f"# TYPE {name} counter"
        for row in rows:
            labels = f'endpoint="{row["endpoint"]}",variant="{row["variant"]}",container="{row["container"]}"'
            yield f"{name}{{{labels}}} {row[column]:g}"
