import pytest

from studio.config import Settings
from studio.errors import NotFound
from studio.prototypes.classifier.desk import LabelDesk
from studio.prototypes.classifier.settings import ClassifierSettings
from studio.prototypes.recommendation.data.desk import DataDesk
from studio.prototypes.recommendation.settings import RecommendationSettings
from studio.workbench import Workbench

TABLE = b"text,label\nwhere is my parcel,delivery\nthe zip is broken,repair\n"


@pytest.fixture
def workbench(tmp_path):
    with Workbench.open(settings=Settings(home=tmp_path / "home", is_demo=True)) as opened:
        yield opened


@pytest.fixture(params=["classifier", "recommendation"])
def two_desks(request, workbench):
    """Those of two prototypes of a kind."""
    desk, settings = {
        "classifier": (LabelDesk, ClassifierSettings()),
        "recommendation": (DataDesk, RecommendationSettings()),
    }[request.param]
    made = [
        workbench.workspace.prototypes.create(request.param, name, settings.to_json())
        for name in ("One", "Two")
    ]
    return tuple(desk(record.id, workbench._toolbox) for record in made)


def test_files_are_kept_as_they_came_and_refused_ones_told(two_desks):
    desk, other = two_desks
    read, refused = desk.add([("mails.csv", TABLE), ("picture.csv", b"\x89PNG\r\n\x1a\n" * 9)])
    assert (read.status, refused.status) == ("read", "refused")
    assert refused.reason is not None
    assert [one.name for one in desk.files()] == ["mails.csv", "picture.csv"]
    assert desk.add([("again.csv", TABLE)])[0].document_id == read.document_id
    assert other.files() == ()


def test_a_file_is_removed_by_its_own_prototype_only(two_desks):
    desk, other = two_desks
    (record,) = desk.add([("mails.csv", TABLE)])
    with pytest.raises(NotFound):
        other.remove(record.document_id)
    assert desk.files() == (record,)
    desk.remove(record.document_id)
    assert desk.files() == ()
