"""The README says what the program does."""

from tests.helpers.readme import key_list, readme_keys


def test_the_key_list_is_the_registry(start):
    app = start()
    assert readme_keys() == key_list(app.registry), "run: python -m tests.helpers.readme"


def test_every_command_has_words_and_is_in_a_menu_or_has_a_key(start):
    app = start()
    in_menus = {
        action.objectName()
        for menu in app.window.menuBar().actions()
        for action in menu.menu().actions()
    }
    on_the_start_page = app.views.start.problem.offers
    for line in app.registry.described():
        assert line.text
        assert line.keys or line.id in in_menus or line.id in on_the_start_page, (
            f"nobody finds {line.id}"
        )
