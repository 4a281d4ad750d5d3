"""docker-compose.yml and what it mounts agree with the code. No Docker engine runs where this is tested."""

import re
from pathlib import Path

import pytest
import yaml

from services.topology import SERVICE_NAMES
from shared.runtime.settings import Settings

ROOT = Path(__file__).parents[2]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES = COMPOSE["services"]
PORT = 8080


def test_every_service_of_the_topology_runs_and_no_other_of_our_image():
    ours = {name for name, service in SERVICES.items() if service["image"].startswith("khop:")}
    assert ours == {*SERVICE_NAMES, "prepare"}


@pytest.mark.parametrize("name", SERVICE_NAMES)
def test_a_service_serves_its_own_name_after_prepare(name):
    service = SERVICES[name]
    assert service["command"] == ["serve", name]
    assert service["depends_on"] == {"prepare": {"condition": "service_completed_successfully"}}


@pytest.mark.parametrize("name", [*SERVICE_NAMES, "prepare"])
def test_its_environment_is_what_the_settings_read(name):
    known = {f"KHOP_{field.upper()}" for field in Settings.model_fields}
    required = {f"KHOP_{field.upper()}" for field, info in Settings.model_fields.items() if info.is_required()}
    given = set(SERVICES[name]["environment"])
    assert required <= given <= known


@pytest.mark.parametrize("name", SERVICE_NAMES)
def test_others_find_it_where_it_listens(name):
    environment = SERVICES[name]["environment"]
    assert environment["KHOP_PORT"] == str(PORT)
    for other in SERVICE_NAMES:
        assert environment[f"KHOP_{other.upper()}_URL"] == f"http://{other}:{PORT}"


def test_only_prepare_and_postgres_know_the_administrators_password():
    knowing = {name for name, service in SERVICES.items() if "POSTGRES_PASSWORD" in str(service.get("environment"))}
    assert knowing == {"postgres", "prepare"}


def test_no_secret_has_a_default():
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    for name in ("KHOP_SECRET_KEY", "KHOP_ADMIN_TOKEN", "GRAFANA_PASSWORD"):
        assert re.findall(rf"\$\{{{name}[^?}}]*}}", text) == []


def test_every_variable_that_it_asks_for_is_in_the_example():
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    asked = set(re.findall(r"\$\{(\w+)", text))
    example = (ROOT / "deploy/docker/example.env").read_text(encoding="utf-8")
    assert asked <= set(re.findall(r"^(\w+)=", example, re.MULTILINE))


def test_what_is_published_listens_on_loopback_only():
    published = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert published
    assert all(port.startswith("127.0.0.1:") for port in published)


def test_storage_is_healthy_before_prepare():
    for name in ("postgres", "kafka"):
        assert "test" in SERVICES[name]["healthcheck"]
        assert SERVICES["prepare"]["depends_on"][name] == {"condition": "service_healthy"}


def test_the_broker_makes_no_topics_by_itself():
    assert SERVICES["kafka"]["environment"]["KAFKA_AUTO_CREATE_TOPICS_ENABLE"] == "false"


def test_the_image_checks_its_health_as_the_services_answer_it():
    dockerfile = (ROOT / "deploy/docker/Dockerfile").read_text(encoding="utf-8")
    assert "/healthz" in dockerfile
    assert re.search(r"^USER khop$", dockerfile, re.MULTILINE)
    assert 'ENTRYPOINT ["khop"]' in dockerfile


def test_prometheus_scrapes_every_service():
    jobs = yaml.safe_load((ROOT / "deploy/prometheus/prometheus.yml").read_text(encoding="utf-8"))["scrape_configs"]
    targets = {target for job in jobs for config in job["static_configs"] for target in config["targets"]}
    assert targets == {f"{name}:{PORT}" for name in SERVICE_NAMES}


def test_every_mounted_file_exists():
    for service in SERVICES.values():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            if source.startswith("./"):
                assert (ROOT / source).exists(), source
