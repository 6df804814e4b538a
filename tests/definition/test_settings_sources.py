"""Settings come from settings.toml and the environment, and a wrong one is a sentence that names it."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

import pytest

from pipeline.errors import SettingsError
from pipeline.session import connect
from pipeline.settings import load_settings

FILE = Path(__file__).parents[2] / "settings.toml"


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
    given = {name: value for name, value in tomllib.loads(FILE.read_text()).items() if name != "local"}
    others = {str: "other", bool: "false", int: "3601", list: "one,two", dict: "project=other"}
    special = {
        "account": "123456789012",
        "transform_instance_count": "2",
        "cache_expire_after": "P1D",
        "text_labels": "string",
        "text_training_spot": "true",
    }
    for name, value in given.items():
        monkeypatch.setenv(f"MEMOTION_{name.upper()}", special.get(name, others[type(value)]))
    settings = load_settings()
    assert [name for name in given if str(getattr(settings, name)) == str(given[name])] == []


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
    from pipeline.parameters import pipeline_parameters

    settings = load_settings()
    declared = {each.name: each for each in pipeline_parameters(settings)}
    for name, value in settings.local_parameters.items():
        assert isinstance(value, str)
        assert declared[name].problem(value) is None


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("MEMOTION_ACCOUNT", "12"),
        ("MEMOTION_PIPELINE_NAME", "a b"),
        ("MEMOTION_IMAGE_TRAINING_SPOT", "perhaps"),
        ("MEMOTION_PROCESSING_VOLUME_GB", "0"),
        ("MEMOTION_TAGS", "team"),
        ("MEMOTION_CACHE_EXPIRE_AFTER", "30 days"),
    ],
)
def test_a_wrong_value_is_a_sentence_that_names_its_variable(
    variable: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsError, match=variable):
        load_settings()


def test_subnets_without_security_groups_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEMOTION_SUBNETS", "subnet-1")
    with pytest.raises(SettingsError, match="go together"):
        load_settings()


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
