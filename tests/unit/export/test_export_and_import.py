"""A prototype leaves and comes back: the same settings, data and answers; nothing that is secret."""

from __future__ import annotations

import json
import re
import tomllib
import zipfile
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from studio.config import Settings
from studio.economics.scenario import Scenario
from studio.economics.serving_choice import AsMeasured
from studio.errors import Cancelled
from studio.export.packing import ExportChoices, write_package
from studio.inference.model_spec import ModelSpec
from studio.prototypes.chatbot.chatbot import Chatbot
from studio.prototypes.chatbot.settings import ChatbotSettings
from studio.prototypes.classifier.classifier import Classifier
from studio.prototypes.recommendation.recommendation import Recommendation
from studio.records import Task
from studio.workbench import Workbench
from tests.unit.export.conftest import QUESTION, RETURNS
from tests.unit.prototypes.classifier.mails import table
from tests.unit.prototypes.recommendation.shop import events_csv, items_csv

ROOT = Path(__file__).resolve().parents[3]
KEY = "sk-very-secret-123"
HOSTED = ModelSpec(
    id="hosted",
    name="Hosted writer",
    task=Task.GENERATION,
    source="remote",
    location="writer-1",
    base_url="https://models.example.com/v1",
    secret_name="hosted",
    is_default=True,
)


def names(path: Path) -> list[str]:
    with zipfile.ZipFile(path) as archive:
        return archive.namelist()


def everything(path: Path) -> bytes:
    with zipfile.ZipFile(path) as archive:
        return b"\n".join(archive.read(name) for name in archive.namelist())


def manifest(path: Path) -> dict:
    with zipfile.ZipFile(path) as archive:
        name = next(name for name in archive.namelist() if name.endswith("prototype.json"))
        return json.loads(archive.read(name))


def test_archive_has_code_data_index_and_library(bench, bot, tmp_path):
    package = bench.export(bot.slug, tmp_path / "bot.zip")
    found = names(tmp_path / "bot.zip")
    for name in (
        *("README.md", "app.py", "product.py", "settings.py", "notebook.ipynb"),
        *("opening.py", "words.py"),
        *("requirements.txt", "constraints.txt", "Dockerfile", ".dockerignore", "ruff.toml"),
        *("data/prototype.json", "data/documents/001-returns.md", "data/texts/001.json"),
        *("data/index/CURRENT", "library/pyproject.toml", "library/studio/workbench.py"),
    ):
        assert f"help-desk/{name}" in found, name
    assert not [name for name in found if "benchmarks" in name or "/studio/app.py" in name]
    assert len(found) == len(package.entries) + 1
    packed = (tmp_path / "bot.zip").stat().st_size
    assert 0.6 * packed < package.n_bytes_packed < 1.7 * packed


def test_the_dockerfile_copies_what_is_there_before_it_is_needed(bench, bot, tmp_path):
    bench.export(bot.slug, tmp_path / "bot.zip")
    with zipfile.ZipFile(tmp_path / "bot.zip") as archive:
        lines = archive.read("help-desk/Dockerfile").decode().splitlines()
        requirements = archive.read("help-desk/requirements.txt").decode().split()
        ignored = archive.read("help-desk/.dockerignore").decode().split()
    found = {name.removeprefix("help-desk/").split("/")[0] for name in names(tmp_path / "bot.zip")}
    steps = [line for line in lines if line.startswith(("COPY ", "RUN pip"))]
    # The build of PyTorch for CPUs comes first, from its own index: the other one has CUDA with it.
    index = "https://download.pytorch.org/whl/cpu"
    pinned = next(line for line in requirements if line.startswith("torch=="))
    assert f"ARG TORCH_INDEX={index}" in lines
    assert steps.pop(0) == f"RUN pip install --no-cache-dir {pinned} --index-url ${{TORCH_INDEX}}"
    copied = [
        name
        for step in steps
        if step.startswith("COPY ")
        for name in step.split()[1:-1]
        if not name.startswith("--")
    ]
    assert copied == ["requirements.txt", "constraints.txt", "library", "."]
    assert {*copied[:-1], "app.py", "data", ".streamlit"} <= found
    assert not found & set(ignored)
    # What pip reads is there before pip runs, and the rest only after: packages stay in their layer.
    assert [step.split()[0] for step in steps] == ["COPY", "COPY", "RUN", "COPY"]
    assert {"constraints.txt", "./library"} <= set(requirements)
    # It runs as a user of its own, who may write to what the product keeps.
    assert [line for line in lines if line.startswith("USER ")] == ["USER product"]
    made = lines.index("RUN useradd --create-home product")
    owned = lines.index("RUN mkdir -p state && chown product state")
    assert made < lines.index("COPY --chown=product . .") < owned < lines.index("USER product")
    assert "VOLUME /app/state" in lines


def test_its_page_has_the_studios_look(bench, bot, tmp_path):
    bench.export(bot.slug, tmp_path / "bot.zip")
    with zipfile.ZipFile(tmp_path / "bot.zip") as archive:
        exported = tomllib.loads(archive.read("help-desk/.streamlit/config.toml").decode())
    own = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    look = exported["theme"]
    for theme in ("light", "dark"):
        assert look[theme]["primaryColor"]
        assert look[theme].items() <= own["theme"][theme].items()
    plain = {name: value for name, value in look.items() if name not in ("light", "dark")}
    assert plain.items() <= own["theme"].items()


def test_settings_are_explained_in_the_language_of_the_prototype(bench, tmp_path):
    for language, said in (("en", "# The name on the page"), ("zh", "# 页面上的名称")):
        made = bench.create_chatbot("Desk", ChatbotSettings(language=language))
        bench.export(made.id, tmp_path / f"{language}.zip")
        with zipfile.ZipFile(tmp_path / f"{language}.zip") as archive:
            settings = archive.read(f"{made.slug}/settings.py").decode()
        comments = [line for line in settings.splitlines() if line.startswith("#")]
        assert said in comments
        chinese = [line for line in comments if re.search("[\u4e00-\u9fff]", line)]
        assert chinese == (comments if language == "zh" else [])


def test_without_index_and_findings_they_stay_out(bench, bot, tmp_path):
    bench.workspace.judgements.put(bot.id, [(QUESTION, "returns.md", 1)], "thumb")
    path = tmp_path / "bot.zip"
    bench.export(bot.id, path, ExportChoices(with_index=False, with_findings=False))
    assert not [name for name in names(path) if "/data/index/" in name]
    assert manifest(path)["judgements"] == []


def test_import_gives_the_same_settings_data_findings_and_answer(
    bench, bot, other_bench: Workbench, tmp_path
):
    bench.workspace.judgements.put(bot.id, [(QUESTION, "returns.md", 2)], "upload")
    bench.business(bot.id).save(
        "Base", Scenario(model_key="api", choice=AsMeasured(hour_usd=Decimal("0.10")))
    )
    expected = bot.ask(QUESTION)
    assert expected.kind != "not_found"
    bench.export(bot.id, tmp_path / "bot.zip")

    imported = other_bench.import_prototype(tmp_path / "bot.zip")
    copy = other_bench.prototype(imported.record.id, Chatbot)

    assert imported.notices == ()
    assert (copy.name, copy.settings) == (bot.name, bot.settings)
    assert [d.name for d in copy.documents()] == ["returns.md", "shipping.md"]
    assert other_bench.workspace.documents.original(copy.documents()[0].document_id) == RETURNS
    judged = other_bench.workspace.judgements.list(copy.id)
    assert [(j.item, j.grade, j.source) for j in judged] == [("returns.md", 2, "upload")]
    assert [one.record.name for one in other_bench.business(copy.id).scenarios()] == ["Base"]
    assert copy.index_state().state == "ready"  # taken over, not built again
    assert not other_bench.jobs.jobs()
    answer = copy.ask(QUESTION)
    assert (answer.kind, answer.marked_text()) == (expected.kind, expected.marked_text())


def test_answers_of_the_team_and_what_feedback_judged_go_along(bench, bot, other_bench, tmp_path):
    bot.team_answers.add("Do you ship to Norway?", "Yes.")
    off = bot.team_answers.add("Do you ship to Peru?", "No.")
    bench.workspace.curated_answers.switch(off.id, is_on=False)
    bench.workspace.judgements.put(bot.id, [(QUESTION, "returns.md", 1)], "feedback")
    bench.export(bot.id, tmp_path / "bot.zip")
    copy = other_bench.import_prototype(tmp_path / "bot.zip").record
    kept = other_bench.workspace.curated_answers.list(copy.id)
    assert {(one.question, one.answer, one.is_on) for one in kept} == {
        ("Do you ship to Norway?", "Yes.", True),
        ("Do you ship to Peru?", "No.", False),
    }
    (judged,) = other_bench.workspace.judgements.list(copy.id)
    assert (judged.item, judged.source) == ("returns.md", "feedback")
    assert other_bench.prototype(copy.id, Chatbot).ask("do you ship to norway").text == "Yes."


def test_import_beside_the_original_gets_ids_of_its_own_and_builds_its_index(bench, bot, tmp_path):
    bench.export(bot.id, tmp_path / "bot.zip")
    imported = bench.import_prototype(tmp_path / "bot.zip")
    copy = bench.prototype(imported.record.id, Chatbot)
    for job in bench.jobs.jobs():
        job.wait()
    assert copy.index_state().state == "ready"
    assert copy.name == f"{bot.name} (2)"  # told apart wherever one is chosen
    assert bench.import_prototype(tmp_path / "bot.zip").record.name == f"{bot.name} (3)"
    assert not {d.document_id for d in copy.documents()} & {d.document_id for d in bot.documents()}
    assert copy.ask(QUESTION).marked_text() == bot.ask(QUESTION).marked_text()


def test_recommender_is_trained_at_once_after_an_import(bench, other_bench, tmp_path):
    shop = bench.create(Recommendation, "Shop", Recommendation.default_settings("en"))
    shop.desk.add([("items.csv", items_csv()), ("events.csv", events_csv())])
    shop.train().result()
    user = shop.find_users("", 1)[0].user_id
    expected = [one.item.item_id for one in shop.recommend(user).items]
    bench.export(shop.id, tmp_path / "shop.zip")
    imported = other_bench.import_prototype(tmp_path / "shop.zip")
    copy = other_bench.prototype(imported.record.id, Recommendation)
    assert copy.training_state().state == "ready"
    assert [one.item.item_id for one in copy.recommend(user).items] == expected


def test_keys_paths_and_conversations_never_go_in(bench, bot, tmp_path):
    bench.catalogue.add(HOSTED)
    bench.secrets.set("hosted", KEY)
    talk = bot.start_conversation()
    bench.workspace.conversations.append_turn(talk, "user", "my address is 5 Pine Road", {})
    folder = bench.settings.home / "own"
    for name in ("config.json", "model.safetensors", "tokenizer.json"):
        folder.mkdir(exist_ok=True)
        (folder / name).write_bytes(b"{}")
    bench.catalogue.add(
        ModelSpec(id="own", name="Own", task=Task.EMBEDDING, source="folder", location=str(folder))
    )
    bot.configure(replace(bot.settings, embedding_model="own"))
    path = tmp_path / "bot.zip"
    bench.export(bot.id, path)
    content = everything(path)
    for secret in (KEY, "Pine Road", str(bench.settings.home), str(Path.home())):
        assert secret.encode() not in content, secret
    stored = manifest(path)
    assert {one["id"]: one["location"] for one in stored["models"]} == {
        "hosted": "writer-1",
        "own": "own",
    }
    # The studio's own choice was the user's default, which is no default elsewhere.
    assert stored["settings"]["generation_model"] == "hosted"
    with zipfile.ZipFile(path) as archive:
        readme = archive.read("help-desk/README.md").decode()
    assert "STUDIO_KEY_HOSTED" in readme
    assert "state/own-models/own" in readme


def test_imported_model_never_takes_a_stored_key(bench, bot, other_bench, tmp_path):
    bench.catalogue.add(replace(HOSTED, base_url="https://evil.example.com/v1"))
    bench.export(bot.id, tmp_path / "bot.zip")
    other_bench.catalogue.add(HOSTED)
    other_bench.secrets.set("hosted", KEY)
    other_bench.secrets.set("hosted-2", KEY)  # of a model that is gone
    imported = other_bench.import_prototype(tmp_path / "bot.zip")
    settings = imported.record.settings
    assert settings["generation_model"] == "hosted-3"
    added = other_bench.catalogue.get("hosted-3")
    assert added.base_url == "https://evil.example.com/v1"
    assert other_bench.secrets.get(added.secret_name) is None
    assert not added.is_default
    assert any("needs its key" in str(notice) for notice in imported.notices)


def test_model_from_the_other_computer_is_told_and_left_out(bench, bot, other_bench, tmp_path):
    folder = tmp_path / "own"
    folder.mkdir()
    for name in ("config.json", "model.safetensors", "tokenizer.json"):
        (folder / name).write_bytes(b"{}")
    bench.catalogue.add(
        ModelSpec(id="own", name="Own", task=Task.EMBEDDING, source="folder", location=str(folder))
    )
    bot.configure(replace(bot.settings, embedding_model="own"))
    bench.export(bot.id, tmp_path / "bot.zip")
    imported = other_bench.import_prototype(tmp_path / "bot.zip")
    assert imported.record.settings["embedding_model"] == ""
    assert "Own" in str(imported.notices[0])


def test_weights_go_in_only_when_asked_for(bench, bot, tmp_path):
    place = bench.settings.models_dir / bot.model.id
    place.mkdir(parents=True)
    (place / "weights.bin").write_bytes(b"w" * 1000)
    assert bench.exports.package(bot.id).bytes_of("state/") == 0
    package = bench.export(bot.id, tmp_path / "bot.zip", ExportChoices(with_weights=True))
    assert package.bytes_of("state/") == 1000
    assert f"help-desk/state/models/{bot.model.id}/weights.bin" in names(tmp_path / "bot.zip")


def test_stopped_export_leaves_nothing(bench, bot, tmp_path):
    folder = tmp_path / "out"
    with pytest.raises(Cancelled):
        write_package(bench.exports.package(bot.id), folder / "bot.zip", cancelled=lambda: True)
    assert list(folder.iterdir()) == []


def test_prototype_with_markup_in_its_name_gives_plain_code(bench, bot, tmp_path):
    bot.rename('</script><script>alert(1)</script> """; import os')
    bench.export(bot.id, tmp_path / "bot.zip")
    with zipfile.ZipFile(tmp_path / "bot.zip") as archive:
        top = archive.namelist()[0].split("/")[0]
        for name in ("README.md", "notebook.ipynb"):
            assert b"<script>" not in archive.read(f"{top}/{name}")
        names: dict = {}
        exec(compile(archive.read(f"{top}/settings.py"), "settings.py", "exec"), names)
    assert names["NAME"] == bot.name
    assert "os" not in names


def test_index_of_the_demo_engine_is_built_anew_where_models_are_real(
    bench, bot, tmp_path, monkeypatch
):
    bench.export(bot.id, tmp_path / "bot.zip")
    with Workbench.open(settings=Settings(home=tmp_path / "real", offline=True)) as real:
        monkeypatch.setattr(Chatbot, "refresh", lambda self: None)  # no model is loaded here
        imported = real.import_prototype(tmp_path / "bot.zip")
        copy = real.prototype(imported.record.id, Chatbot)
        assert copy.index_state().n_passages == 0
        assert not copy.derived_folders()["index"].exists()


def test_files_that_a_library_would_load_unseen_are_made_again(bench, bot, other_bench, tmp_path):
    folder = bot.derived_folders()["index"]
    unseen = next(folder.glob("v*")) / "neighbours.faiss"
    unseen.write_bytes(b"not what it says")
    bench.export(bot.id, tmp_path / "bot.zip")
    assert [name for name in names(tmp_path / "bot.zip") if name.endswith("neighbours.faiss")]
    imported = other_bench.import_prototype(tmp_path / "bot.zip")
    copy = other_bench.prototype(imported.record.id, Chatbot)
    assert copy.index_state().state == "ready"
    assert not list(copy.derived_folders()["index"].rglob("*.faiss"))


def test_export_takes_the_current_version_of_an_index_only(bench, bot, tmp_path):
    bot.add_file("more.md", b"# More\n\nGift cards are valid for five years.")
    bot.update_index().wait()
    assert len(list(bot.derived_folders()["index"].glob("v*"))) == 2
    bench.export(bot.id, tmp_path / "bot.zip")
    versions = {name.split("/")[3] for name in names(tmp_path / "bot.zip") if "/index/v" in name}
    assert versions == {"v000002"}


def test_classifier_answers_at_once_after_an_import_with_its_given_labels(
    bench, other_bench, tmp_path
):
    mail = bench.create(Classifier, "Mail", Classifier.default_settings("en"))
    mail.desk.add([("mails.csv", table())])
    mail.desk.give("a torn seam", "repair")
    mail.train().result(60)
    bench.export(mail.id, tmp_path / "mail.zip")
    imported = other_bench.import_prototype(tmp_path / "mail.zip")
    copy = other_bench.prototype(imported.record.id, Classifier)
    assert copy.training_state().state == "ready"
    assert copy.classify("courier parcel").label == mail.classify("courier parcel").label
    assert [(one.text, one.label) for one in copy.desk.given()] == [("a torn seam", "repair")]
    assert copy.evaluation() == mail.evaluation()
