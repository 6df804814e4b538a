"""Settings come from settings.toml and the environment, and a wrong one is a sentence that names it."""

from __future__ import annotations

import os
import re
import tomllib
from pathlib import Path

import pytest

from pipeline.account.session import connect
from pipeline.definition import settings as module
from pipeline.definition.compile import compile_pipeline
from pipeline.definition.settings import Settings, load_settings
from pipeline.errors import SettingsError

FILE = Path(__file__).parents[3] / "settings.toml"


@pytest.fixture(autouse=True)
def _no_settings_of_ones_own(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("MEMOTION_")]:
        monkeypatch.delenv(name)


def test_the_checked_in_settings_name_an_account_that_nobody_has() -> None:
    settings = load_settings()
    assert settings.account == "000000000000"
    assert settings.bucket == "memotion-000000000000"
    assert settings.role_arn == "arn:aws:iam::000000000000:role/memotion-execution"
    assert settings.region == "us-east-1"
    assert settings.staging_endpoint_name == "memotion-staging"


def test_bucket_and_role_follow_the_account(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEMOTION_ACCOUNT", "123456789012")
    settings = load_settings()
    assert settings.bucket == "memotion-123456789012"
    assert ":123456789012:" in settings.role_arn


def test_every_value_of_the_file_is_overridden_by_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    values = {name: value for name, value in tomllib.loads(FILE.read_text()).items() if name != "local"}
    others = {str: "other", bool: "false", int: "3601", list: "one,two", dict: "project=other"}
    special = {
        "region": "eu-west-1",
        "account": "123456789012",
        "role_arn": "arn:aws:iam::123456789012:role/other",
        "pipeline_role_arn": "arn:aws:iam::123456789012:role/pipeline",
        "text_training_max_run_seconds": "1200",
        "text_training_max_wait_seconds": "2400",
        "transform_instance_count": "2",
        "cache_expire_after": "P1D",
        "image_training_instance_types": "ml.g5.2xlarge",
        "text_labels": "string",
        "text_training_spot": "true",
    }
    for name, value in values.items():
        monkeypatch.setenv(f"MEMOTION_{name.upper()}", special.get(name, others[type(value)]))
    settings = load_settings()
    assert [name for name in values if str(getattr(settings, name)) == str(values[name])] == []


def test_lists_are_given_with_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEMOTION_SUBNETS", "subnet-1, subnet-2")
    monkeypatch.setenv("MEMOTION_SECURITY_GROUPS", "sg-1")
    settings = load_settings()
    assert settings.subnets == ("subnet-1", "subnet-2")
    assert settings.security_groups == ("sg-1",)


def test_tables_are_given_with_commas_in_place_of_the_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEMOTION_TAGS", "team=memes, cost=low")
    monkeypatch.setenv("MEMOTION_LOCAL_PARAMETERS", "ImageEpochs=3")
    settings = load_settings()
    assert settings.tags == {"team": "memes", "cost": "low"}
    assert settings.local_parameters == {"ImageEpochs": "3"}


def test_the_local_clouds_own_variables_are_no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEMOTION_LOCAL", "1")
    monkeypatch.setenv("MEMOTION_HOME", "/somewhere")
    monkeypatch.setenv("MEMOTION_HEADS", "/somewhere/heads.toml")
    assert load_settings().local_parameters["ImageSize"] == "28"


def test_local_parameters_are_words_of_declared_parameters() -> None:
    from pipeline.definition.parameters import pipeline_parameters

    settings = load_settings()
    declared = {each.name: each for each in pipeline_parameters(settings)}
    for name, value in settings.local_parameters.items():
        assert isinstance(value, str)
        assert declared[name].problem(value) is None


WRONG = {
    "region": ("", "nowhere", "us east 1"),
    "account": ("", "12", "１２３４５６７８９０１２"),
    "bucket": ("", "s3://bucket", "Bucket", "a..b", "x" * 64),
    "role_arn": ("", "memotion-execution", "arn:aws:iam::123456789012:user/me"),
    "pipeline_role_arn": ("memotion-pipeline", "arn:aws:iam::123456789012:user/me"),
    "pipeline_name": ("", "a b", "a-", "x" * 56),
    "model_package_group": ("", "a/b"),
    "endpoint_name": ("", "x" * 43),
    "kms_key_arn": ("a key",),
    "image_training_instance_types": ("", "g5.xlarge", "ml.g5.xlarge,p3"),
    "subnets": ("subnet-1;subnet-2", ",".join(f"subnet-{number}" for number in range(17))),
    "security_groups": ("sg 1",),
    "tags": ("team", "=memes", "a=1,a=2", "aws:a=1", "a=b;c", ",".join(f"tag{number}=1" for number in range(51))),
    "processing_image": ("an image",),
    "processing_volume_gb": ("", "0", "1.5", "many", "16385"),
    "processing_max_run_seconds": ("59", "2419201"),
    "image_training_volume_gb": ("0",),
    "image_training_max_run_seconds": ("never", "30000"),
    "image_training_spot": ("perhaps",),
    "image_training_max_wait_seconds": ("3600",),
    "script_training_volume_gb": ("0",),
    "script_training_max_run_seconds": ("30000",),
    "script_training_spot": ("maybe",),
    "script_training_max_wait_seconds": ("3600",),
    "text_training_volume_gb": ("0",),
    "text_training_max_run_seconds": ("1",),
    "text_training_spot": ("",),
    "text_training_max_wait_seconds": ("x",),
    "transform_instance_count": ("0", "101"),
    "text_labels": ("list",),
    "shuffle_seed": ("0",),
    "cache_expire_after": ("", "30 days", "1H", "P1D2D", "PT"),
    "local_parameters": ("ImageSize",),
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in WRONG.items() for value in values])
def test_a_wrong_value_is_a_sentence_that_names_its_variable(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    variable = f"MEMOTION_{name.upper()}"
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsError, match=rf"{variable}\b"):
        load_settings()


def test_every_setting_can_be_wrong() -> None:
    assert WRONG.keys() == Settings.model_fields.keys()


def test_a_text_training_on_spot_waits_an_hour_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEMOTION_TEXT_TRAINING_SPOT", "true")
    monkeypatch.setenv("MEMOTION_TEXT_TRAINING_MAX_WAIT_SECONDS", "3601")
    with pytest.raises(SettingsError, match=r"at most 3600.* set MEMOTION_TEXT_TRAINING_MAX_WAIT_SECONDS"):
        load_settings()


def test_subnets_without_security_groups_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEMOTION_SUBNETS", "subnet-1")
    with pytest.raises(SettingsError, match="go together: set both MEMOTION_SUBNETS and MEMOTION_SECURITY_GROUPS"):
        load_settings()


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("endpoint_name =", "endpoint_nam =", "setting endpoint_name is missing: put it into settings.toml"),
        ("endpoint_name =", "endpoint_nam =", "'endpoint_nam', which is no setting: did you mean endpoint_name?"),
        ('region = "us-east-1"', "region = 5", "setting region is 5: it should be a text"),
        ("processing_volume_gb = 30", "processing_volume_gb = true", "is True: it should be a whole number"),
        ("image_training_spot = true", "image_training_spot = 'now and then'", "it should be true or false"),
        ("memotion-{account}", "memotion-{acount}", "setting bucket is 'memotion-{acount}'"),
        ('project = "memotion"', "project = {}", "setting tags is {}: it should be a text"),
        ("[local.parameters]", "[local.settings]", "`local` has one table, [local.parameters]"),
        ("region =", "region = = ", "is not TOML"),
        ("region =", "region = 'a'\nregion =", "is not TOML"),
    ],
)
def test_a_settings_file_that_makes_no_sense_is_a_sentence(
    old: str, new: str, sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "settings.toml"
    other.write_text(FILE.read_text().replace(old, new, 1))
    monkeypatch.setattr(module, "SETTINGS", other)
    with pytest.raises(SettingsError, match=re.escape(sentence)):
        load_settings()


def test_a_settings_file_that_is_not_there_or_not_text_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "settings.toml"
    monkeypatch.setattr(module, "SETTINGS", other)
    with pytest.raises(SettingsError, match=re.escape(f"{other}: No such file")):
        load_settings()
    other.write_bytes(b"\xff")
    with pytest.raises(SettingsError, match=re.escape(f"{other} is not TOML")):
        load_settings()


def test_a_region_without_the_algorithms_is_a_sentence_that_names_its_variable() -> None:
    with pytest.raises(SettingsError, match=r"'us-east-9', .* no image of .* MEMOTION_REGION"):
        compile_pipeline(load_settings(region="us-east-9"))


def test_aws_is_not_asked_for_the_placeholder_account() -> None:
    with pytest.raises(SettingsError, match="MEMOTION_ACCOUNT"):
        connect(local=False, settings=load_settings())


def test_aws_is_reached_by_boto3s_own_session_in_the_settings_region() -> None:
    settings = load_settings(account="123456789012", region="eu-west-1")
    connection = connect(local=False, settings=settings)
    assert connection.session.region_name == "eu-west-1"
    assert connection.parameters == {}


def test_local_comes_with_the_local_parameters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEMOTION_HOME", str(tmp_path / "home"))
    settings = load_settings()
    connection = connect(local=True, settings=settings)
    assert connection.parameters == settings.local_parameters
    assert connection.session.client("sts").get_caller_identity()["Account"] == "000000000000"
