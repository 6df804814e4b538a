"""The settings: settings.toml, each value overridden by `MEMOTION_` and its name in capitals."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, StringConstraints, ValidationError, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from pipeline.errors import SettingsError

SETTINGS = Path(__file__).parent.parent / "settings.toml"
PLACEHOLDER_ACCOUNT = "000000000000"


def _split(value: object) -> object:
    """`a,b` of an environment variable is the list that settings.toml spells `["a", "b"]`."""
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _words(value: object) -> object:
    """`a=1,b=2` of an environment variable is the table that settings.toml spells; its numbers are words here."""
    if isinstance(value, str):
        pairs = (part.partition("=") for part in value.split(",") if part.strip())
        return {key.strip(): word.strip() if equals else None for key, equals, word in pairs}
    return {key: str(word) for key, word in value.items()} if isinstance(value, Mapping) else value


Account = Annotated[str, StringConstraints(pattern=r"^\d{12}$")]
Name = Annotated[str, StringConstraints(pattern=r"^[a-zA-Z0-9](-*[a-zA-Z0-9])*$", max_length=55)]
Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)]
Words = Annotated[dict[str, str], NoDecode, BeforeValidator(_words)]
Duration = Annotated[str, StringConstraints(pattern=r"^P(\d+[YMWD])+(T(\d+[HMS])+)?$|^PT(\d+[HMS])+$")]
Seconds = Annotated[int, Field(ge=60, le=2_419_200)]
Gigabytes = Annotated[int, Field(ge=1, le=16_384)]


class _SettingsFile(TomlConfigSettingsSource):
    """settings.toml, with its table `[local.parameters]` under the name of its field."""

    def __call__(self) -> dict[str, Any]:
        values = super().__call__()
        local = values.pop("local", {})
        return {**values, "local_parameters": local.get("parameters", {})}


class Settings(BaseSettings):
    """What settings.toml and the environment say; each value is explained in settings.toml."""

    model_config = SettingsConfigDict(env_prefix="MEMOTION_", toml_file=SETTINGS, frozen=True, extra="forbid")

    region: str
    account: Account
    bucket: str
    role_arn: str
    pipeline_name: Name
    model_package_group: Name
    endpoint_name: Annotated[Name, StringConstraints(max_length=42)]
    kms_key_arn: str
    subnets: Names
    security_groups: Names
    tags: Words
    processing_image: str
    processing_volume_gb: Gigabytes
    processing_max_run_seconds: Seconds
    image_training_volume_gb: Gigabytes
    image_training_max_run_seconds: Seconds
    image_training_spot: bool
    image_training_max_wait_seconds: Seconds
    text_training_volume_gb: Gigabytes
    text_training_max_run_seconds: Seconds
    text_training_spot: bool
    text_training_max_wait_seconds: Seconds
    transform_instance_count: Annotated[int, Field(ge=1, le=100)]
    text_labels: Literal["array", "string"]
    shuffle_seed: Annotated[int, Field(ge=1)]  # the SDK leaves a 0 out
    cache_expire_after: Duration
    local_parameters: Words

    @property
    def staging_endpoint_name(self) -> str:
        return f"{self.endpoint_name}-staging"

    @field_validator("bucket", "role_arn")
    @classmethod
    def _name_the_account(cls, value: str, info: Any) -> str:
        return value.replace("{account}", info.data.get("account", "{account}"))

    @model_validator(mode="after")
    def _check_network(self) -> Settings:
        if bool(self.subnets) != bool(self.security_groups):
            raise ValueError("subnets and security_groups go together: set both of them or neither")
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, _SettingsFile(settings_cls)


def load_settings(**overrides: object) -> Settings:
    """`overrides` before the environment before settings.toml. Raises SettingsError, a sentence a setting."""
    try:
        return Settings(**overrides)  # type: ignore[arg-type]  # pydantic checks each of them
    except ValidationError as error:
        raise SettingsError("\n".join(_sentence(problem) for problem in error.errors())) from None


def _sentence(problem: Mapping[str, Any]) -> str:
    name = "_".join(str(part) for part in problem["loc"])
    message = str(problem["msg"]).removeprefix("Value error, ")
    if not name:
        return f"settings: {message}"
    return f"setting {name}: {message}; change it in {SETTINGS.name} or set MEMOTION_{name.upper()}"
