"""The variables by which an AWS client finds a gateway."""

from __future__ import annotations

from localcloud.cloud import REGION
from localcloud.gateway.authentication.access_keys import AccessKey


def client_environment(endpoint_url: str, key: AccessKey) -> dict[str, str]:
    """The variables by which AWS clients ask this address and nothing else."""
    return {
        "AWS_ENDPOINT_URL": endpoint_url,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
        **key.environment(),
    }
