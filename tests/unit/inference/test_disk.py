from studio.inference.disk import delete


def test_files_and_folders_go_and_nothing_may_be_there(tmp_path):
    file, folder = tmp_path / "file", tmp_path / "folder"
    file.write_text("left by a kill")
    (folder / "below").mkdir(parents=True)
    for place in (file, folder, tmp_path / "never"):
        delete(place)
        assert not place.exists()
