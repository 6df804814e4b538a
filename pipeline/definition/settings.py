"""The settings: settings.toml, each value overridden by `MEMOTION_` and its name in capitals."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from localcloud import has_local_disks, seconds_of
from pipeline.errors import SettingsError

SETTINGS = Path(__file__).parents[2] / "settings.toml"
PLACEHOLDER_ACCOUNT = "000000000000"
# What an execution makes lies in the bucket under this and its identifier.
EXECUTIONS_PREFIX = "executions"
LONGEST_WAIT_WITHOUT_CHECKPOINTS = 3600
MOST_TAGS = 50
INSTANCE_FORM, INSTANCE_WORDS = r"ml\.[a-z0-9-]+\.[a-z0-9]+", "an instance type such as ml.m5.xlarge"
# In our words where pydantic's are about parsing.
WANTED = {
    **dict.fromkeys(("int_parsing", "int_from_float", "int_type"), "a whole number"),
    **dict.fromkeys(("bool_parsing", "bool_type"), "true or false"),
    "string_type": "a text",
    "tuple_type": "a list",
    "dict_type": "a table",
    "too_short": "a list of one at least",
}
TAG = re.compile(r"(?!aws:)[\w .:/=+@-]{1,128}", re.IGNORECASE)
TAG_VALUE = re.compile(r"[\w .:/=+@-]{0,256}")


def _of_form(form: str, description: str) -> AfterValidator:
    pattern = re.compile(form, re.ASCII)

    def check(value: str) -> str:
        if not pattern.fullmatch(value):
            raise ValueError(f"it should be {description}")
        return value

    return AfterValidator(check)


def _duration(value: str) -> str:
    seconds_of(value)
    return value


def name_form(most: int) -> str:
    """The pattern of what SageMaker takes for a name, at most so many characters."""
    return rf"(?=.{{1,{most}}}\Z)[a-zA-Z0-9](-*[a-zA-Z0-9])*"


def _name(most: int) -> AfterValidator:
    return _of_form(name_form(most), f"at most {most} letters and digits, and hyphens between them")


def _number(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError("it should be a whole number")  # noqa: TRY004  # pydantic wants this one
    return value


def _split(value: object) -> object:
    """`a,b` of an environment variable is the list that settings.toml spells `["a", "b"]`."""
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _words(value: object) -> object:
    """`a=1,b=2` of an environment variable is the table that settings.toml spells; its numbers are words here."""
    if isinstance(value, Mapping):
        return {key: str(word) if isinstance(word, int | float) else word for key, word in value.items()}
    return _pairs(value) if isinstance(value, str) else value


def _pairs(text: str) -> dict[str, str]:
    words: dict[str, str] = {}
    for key, equals, word in (part.partition("=") for part in text.split(",") if part.strip()):
        if not equals or not key.strip() or key.strip() in words:
            raise ValueError("it should be of the form name=value,other=value, each name once")
        words[key.strip()] = word.strip()
    return words


def _tags(value: dict[str, str]) -> dict[str, str]:
    if len(value) > MOST_TAGS:
        raise ValueError(f"it should be at most {MOST_TAGS} tags")
    for key, word in value.items():
        if not TAG.fullmatch(key) or not TAG_VALUE.fullmatch(word):
            raise ValueError(
                f"AWS takes no tag {key}={word}: letters, digits, spaces and _.:/=+-@, no name that is AWS's"
            )
    return value


Account = Annotated[str, _of_form(r"\d{12}", "an account's twelve digits")]
Region = Annotated[str, _of_form(r"[a-z]{2,3}(-[a-z]+)+-\d{1,2}", "a region such as us-east-1")]
Bucket = Annotated[
    str,
    _of_form(r"(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", "3 to 63 lower-case letters, digits, dots and hyphens"),
]
Role = Annotated[str, _of_form(r"arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]+", "arn:aws:iam::ACCOUNT:role/NAME")]
Key = Annotated[str, _of_form(r"[a-zA-Z0-9:/_-]{0,2048}", "a key's ARN, id or alias, or empty")]
Image = Annotated[str, _of_form(r"\S{0,255}", "an image's URI, or empty")]
Id = Annotated[str, _of_form(r"[a-zA-Z0-9-]{1,32}", "ids with commas between them")]
InstanceType = Annotated[str, _of_form(INSTANCE_FORM, INSTANCE_WORDS)]
Duration = Annotated[str, AfterValidator(_duration)]
Words = Annotated[dict[str, str], NoDecode, BeforeValidator(_words)]
Seconds = Annotated[int, BeforeValidator(_number), Field(ge=60, le=2_419_200)]
Gigabytes = Annotated[int, BeforeValidator(_number), Field(ge=1, le=16_384)]


class Settings(BaseSettings):
    """What settings.toml and the environment say; each value is explained in settings.toml."""

    model_config = SettingsConfigDict(env_prefix="MEMOTION_", frozen=True, extra="forbid")

    region: Region
    account: Account
    bucket: Bucket
    role_arn: Role
    pipeline_role_arn: Annotated[
        str, _of_form(r"|arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]+", "arn:aws:iam::ACCOUNT:role/NAME")
    ]
    pipeline_name: Annotated[str, _name(55)]
    model_package_group: Annotated[str, _name(55)]
    endpoint_name: Annotated[str, _name(42)]
    kms_key_arn: Key
    subnets: Annotated[tuple[Id, ...], NoDecode, BeforeValidator(_split), Field(max_length=16)]
    security_groups: Annotated[tuple[Id, ...], NoDecode, BeforeValidator(_split), Field(max_length=5)]
    tags: Annotated[Words, AfterValidator(_tags)]
    processing_image: Image
    processing_volume_gb: Gigabytes
    processing_max_run_seconds: Seconds
    image_training_instance_types: Annotated[
        tuple[InstanceType, ...], NoDecode, BeforeValidator(_split), Field(min_length=1)
    ]
    image_training_volume_gb: Gigabytes
    image_training_max_run_seconds: Seconds
    image_training_spot: bool
    image_training_max_wait_seconds: Seconds
    text_training_volume_gb: Gigabytes
    text_training_max_run_seconds: Seconds
    text_training_spot: bool
    text_training_max_wait_seconds: Seconds
    script_training_volume_gb: Gigabytes
    script_training_max_run_seconds: Seconds
    script_training_spot: bool
    script_training_max_wait_seconds: Seconds
    transform_instance_count: Annotated[int, BeforeValidator(_number), Field(ge=1, le=100)]
    text_labels: Literal["array", "string"]
    shuffle_seed: Annotated[int, BeforeValidator(_number), Field(ge=1)]  # the SDK leaves a 0 out
    cache_expire_after: Duration
    local_parameters: Words

    @property
    def staging_endpoint_name(self) -> str:
        return f"{self.endpoint_name}-staging"

    @property
    def image_training_volume_key(self) -> str | None:
        """The KMS key of the image training's volume; none where an instance type of the list refuses one."""
        keyless = any(map(has_local_disks, self.image_training_instance_types))
        return None if keyless else self.kms_key_arn or None

    @field_validator("bucket", "role_arn", "pipeline_role_arn", mode="before")
    @classmethod
    def _name_the_account(cls, value: object, info: Any) -> object:
        account = info.data.get("account", PLACEHOLDER_ACCOUNT)
        return value.replace("{account}", account) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _check_network(self) -> Settings:
        if bool(self.subnets) != bool(self.security_groups):
            raise ValueError(
                "subnets and security_groups go together: set both MEMOTION_SUBNETS and MEMOTION_SECURITY_GROUPS, or "
                "neither"
            )
        return self

    @model_validator(mode="after")
    def _check_spot(self) -> Settings:
        for job in ("image", "text", "script"):
            wait, run = f"{job}_training_max_wait_seconds", f"{job}_training_max_run_seconds"
            if getattr(self, f"{job}_training_spot") and getattr(self, wait) < getattr(self, run):
                raise ValueError(
                    f"with spot, {wait} is waiting and running together, and {getattr(self, wait)} is less than the "
                    f"{getattr(self, run)} of {run}: set MEMOTION_{wait.upper()} or MEMOTION_{run.upper()}"
                )
        text_wait = self.text_training_max_wait_seconds
        if self.text_training_spot and text_wait > LONGEST_WAIT_WITHOUT_CHECKPOINTS:
            raise ValueError(
                f"with spot, text_training_max_wait_seconds is at most {LONGEST_WAIT_WITHOUT_CHECKPOINTS}, for the "
                f"algorithm cannot checkpoint, and {text_wait} is more: set MEMOTION_TEXT_TRAINING_MAX_WAIT_SECONDS"
            )
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
        return init_settings, env_settings, InitSettingsSource(settings_cls, _file_values())


def _file_values() -> dict[str, Any]:
    """settings.toml, with its table `[local.parameters]` under the name of its field. Raises SettingsError."""
    try:
        values = tomllib.loads(SETTINGS.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"{SETTINGS}: {error.strerror}; every setting has its default there") from None
    except ValueError as error:
        raise SettingsError(f"{SETTINGS} is not TOML: {error}") from None
    local = values.pop("local", {})
    if not isinstance(local, dict) or local.keys() - {"parameters"}:
        raise SettingsError(f"{SETTINGS.name}: `local` has one table, [local.parameters], and nothing else")
    return {**values, "local_parameters": local.get("parameters", {})}


def load_settings(**overrides: object) -> Settings:
    """`overrides` before the environment before settings.toml. Raises SettingsError, a sentence a setting."""
    try:
        return Settings(**overrides)  # type: ignore[arg-type]  # pydantic checks each of them
    except ValidationError as error:
        raise SettingsError("\n".join(_sentence(problem) for problem in error.errors())) from None


def _sentence(problem: Mapping[str, Any]) -> str:
    if not problem["loc"]:
        return _message(problem)  # which names its variables itself
    name = str(problem["loc"][0])
    if problem["type"] == "extra_forbidden":
        close = get_close_matches(name, Settings.model_fields, n=1)
        return f"{SETTINGS.name} has {name!r}, which is no setting" + (f": did you mean {close[0]}?" if close else "")
    if problem["type"] == "missing":
        return f"setting {name} is missing: put it into {SETTINGS.name} or set MEMOTION_{name.upper()}"
    value = f"{problem['input']!r:.80}"
    return (
        f"setting {name} is {value}: {_message(problem)}; change it in {SETTINGS.name} or set MEMOTION_{name.upper()}"
    )


def _message(problem: Mapping[str, Any]) -> str:
    if problem["type"] in WANTED:
        return f"it should be {WANTED[problem['type']]}"
    return str(problem["msg"]).removeprefix("Value error, ").replace("Input should be", "it should be")
