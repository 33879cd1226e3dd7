from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from seedance import (
    ADAPTIVE,
    CATALOGUE,
    ListedModel,
    Model,
    Offer,
    Option,
    Route,
    find,
    known_names,
    offers,
)
from seedance.catalogue import tokens
from seedance.models import Service

PRO = "doubao-seedance-1-5-pro-251215"
TASKS_PATH = "/volc/v3/contents/generations/tasks"
VIDEOS_PATH = "/v1/videos"


def offer(name: str, *listed: ListedModel) -> Offer:
    (found,) = offers([name], listed or None)
    return found


def services() -> list[tuple[Model, Route, Service]]:
    return [(model, *item) for model in CATALOGUE for item in model.services.items()]


@pytest.mark.parametrize(
    ("model", "route", "service"), services(), ids=lambda value: getattr(value, "name", None)
)
def test_every_choice_of_a_model_has_a_size_and_a_price(
    model: Model, route: Route, service: Service
) -> None:
    (found,) = offers([model.name], [ListedModel(id=model.name, paths=(f"/{route}", HINTS[route]))])
    assert found.route is route
    for resolution in found.resolutions:
        for ratio in found.ratios:
            assert min(found.pixels(resolution, ratio)) > 0
        for seconds in found.durations:
            assert found.price(resolution, seconds) > 0
    assert set(found.options) <= set(Option)
    assert service.remote_ids


HINTS = {Route.TASKS: TASKS_PATH, Route.VIDEOS: VIDEOS_PATH}


def test_names_and_ids_belong_to_one_model_each() -> None:
    ids = [
        name
        for model in CATALOGUE
        for name in {
            model.name,
            *model.aliases,
            *(remote for service in model.services.values() for remote in service.remote_ids),
        }
    ]
    assert len(ids) == len(set(ids))


def test_the_documented_model_stands_first() -> None:
    assert known_names()[0] == PRO
    assert CATALOGUE[0].services[Route.TASKS].documented


@pytest.mark.parametrize(
    ("spelling", "name"),
    [
        (PRO, PRO),
        (PRO.upper(), PRO),
        ("seedance-1-5-pro-251215", PRO),
        ("doubao-seedance-1-5-pro", PRO),
        ("seedance-2-5-260628", "seedance-2-5"),
        ("dreamina-seedance-2-0-fast-260128", "doubao-seedance-2-0-fast"),
    ],
)
def test_a_model_is_found_by_all_its_spellings(spelling: str, name: str) -> None:
    model = find(spelling)
    assert model is not None
    assert model.name == name


def test_an_unknown_name_is_not_found() -> None:
    assert find("sora-2") is None


def test_without_a_list_the_documented_routes_are_offered() -> None:
    assert [(each.name, each.route, each.remote_id) for each in offers([], None)] == [
        (PRO, Route.TASKS, PRO),
        ("seedance-2-5", Route.VIDEOS, "seedance-2-5"),
        ("doubao-seedance-2-0", Route.VIDEOS, "doubao-seedance-2-0"),
        ("doubao-seedance-2-0-fast", Route.VIDEOS, "doubao-seedance-2-0-fast"),
        ("doubao-seedance-1-0-pro", Route.VIDEOS, "doubao-seedance-1-0-pro"),
    ]


def test_configured_models_come_in_their_order_once_each() -> None:
    found = offers(["seedance-2-5", "sora-2", PRO, "SEEDANCE-2-5-260628"], None)
    assert [each.name for each in found] == ["seedance-2-5", PRO]


def test_names_that_are_all_unknown_offer_nothing() -> None:
    assert offers(["sora-2"], None) == ()


def test_a_model_that_the_list_does_not_name_is_not_offered() -> None:
    found = offers([], [ListedModel(id="seedance-2-5"), ListedModel(id="gpt-image-2")])
    assert [each.name for each in found] == ["seedance-2-5"]


def test_an_empty_list_offers_nothing() -> None:
    assert offers([], []) == ()


def test_the_lists_own_spelling_is_sent() -> None:
    assert offer(PRO, ListedModel(id="Seedance-1-5-Pro-251215")).remote_id == (
        "Seedance-1-5-Pro-251215"
    )


def test_2_x_is_on_the_tasks_route_only_where_the_hint_says_so() -> None:
    name = "doubao-seedance-2-0"
    assert offer(name, ListedModel(id=name)).route is Route.VIDEOS
    assert offer(name, ListedModel(id=name, paths=(VIDEOS_PATH,))).route is Route.VIDEOS
    assert offer(name, ListedModel(id=name, paths=(VIDEOS_PATH, TASKS_PATH))).route is Route.TASKS


def test_a_hint_at_other_paths_only_offers_nothing() -> None:
    assert offers([PRO], [ListedModel(id=PRO, paths=("/v1/chat/completions",))]) == ()


def test_an_id_documented_for_one_route_is_not_tried_on_the_other() -> None:
    assert offer(PRO, ListedModel(id="doubao-seedance-1-5-pro")).route is Route.VIDEOS
    assert offers(["doubao-seedance-2-0"], [ListedModel(id="doubao-seedance-2-0-260128")]) == ()


def test_the_best_known_of_several_ids_is_taken() -> None:
    listed = [ListedModel(id="seedance-2-5-260628"), ListedModel(id="seedance-2-5")]
    assert offer("seedance-2-5", *listed).remote_id == "seedance-2-5"


def test_the_mini_model_needs_a_hint_because_its_id_is_not_documented() -> None:
    name = "doubao-seedance-2-0-mini"
    assert offers([name], None) == ()
    assert offers([name], [ListedModel(id=name)]) == ()
    assert offer(name, ListedModel(id=name, paths=(VIDEOS_PATH,))).route is Route.VIDEOS


def test_frames_travel_on_the_tasks_route_only() -> None:
    for each in offers([], None):
        on_tasks = each.route is Route.TASKS
        assert each.carries(Option.FIRST_FRAME) is on_tasks
        assert each.carries(Option.LAST_FRAME) is on_tasks
        assert (ADAPTIVE in each.ratios) is on_tasks


def test_sound_travels_nowhere_and_seeds_to_1_x_only() -> None:
    listed = [ListedModel(id=name, paths=(TASKS_PATH,)) for name in known_names()]
    for each in offers([], listed):
        assert not each.carries(Option.AUDIO)
        assert each.carries(Option.SEED) is ("-1-" in each.name)


def test_undocumented_fields_are_marked() -> None:
    options = offer(PRO).options
    assert options[Option.DURATION].documented
    assert not options[Option.RESOLUTION].documented
    assert options[Option.RESOLUTION].field == "--resolution"


@pytest.mark.parametrize(
    ("name", "resolution", "seconds", "usd"),
    [
        # By the token: the dearest ratio is 4:3 here and 21:9 there; 2.40 USD is with sound.
        (PRO, "720p", 5, Decimal(1112 * 834 * 121 // 1024) * Decimal("0.0000024")),
        ("seedance-2-5", "480p", 4, Decimal(992 * 432 * 97 // 1024) * Decimal("0.0000107")),
        # By the second: the published rate is above the tokens.
        ("doubao-seedance-2-0", "480p", 5, Decimal("0.40")),
    ],
)
def test_the_price_is_the_higher_of_tokens_and_seconds(
    name: str, resolution: str, seconds: int, usd: Decimal
) -> None:
    assert offer(name).price(resolution, seconds) == usd


@pytest.mark.parametrize(
    ("size", "seconds", "billed"),
    [
        ((1280, 720), 5, 108_900),
        ((1280, 720), 10, 216_900),
        ((1280, 720), 30, 648_900),
        ((854, 480), 4, 38_830),
        ((1248, 1664), 15, 732_108),
        ((1920, 1080), 5, 245_025),
    ],
)
def test_tokens_are_counted_as_published_bills_count_them(
    size: tuple[int, int], seconds: int, billed: int
) -> None:
    assert tokens(size, seconds) == billed


def test_a_higher_live_price_counts_and_a_lower_one_does_not() -> None:
    name = "seedance-2-5"
    dearer = offer(name, ListedModel(id=name, usd_per_second=Decimal("0.50")))
    cheaper = offer(name, ListedModel(id=name, usd_per_second=Decimal("0.01")))
    assert dearer.price("720p", 4) == Decimal("2.00")
    assert dearer.usd_per_second["480p"] == Decimal("0.50")
    assert cheaper.price("720p", 4) == offer(name).price("720p", 4)


def test_credits_are_rounded_up_to_a_whole_one() -> None:
    assert offer("doubao-seedance-2-0").credits("480p", 5) == 40
    assert offer(PRO).credits("720p", 5) == 27
    name = "seedance-2-5"
    just_above = ListedModel(id=name, usd_per_second=Decimal("0.500001"))
    assert offer(name, just_above).credits("480p", 4) == 201


def test_pixels_are_those_of_the_documentation() -> None:
    pro = offer(PRO)
    assert pro.pixels("720p", "16:9") == (1280, 720)
    assert pro.pixels("720p", ADAPTIVE) == (1112, 834)
    assert offer("seedance-2-5").pixels("480p", "9:16") == (480, 854)
    assert offer("doubao-seedance-1-0-pro").pixels("1080p", "21:9") == (2176, 928)


def test_an_offer_says_what_people_need() -> None:
    pro = offer(PRO)
    assert (pro.label, pro.retires) == ("Seedance 1.5 pro", date(2026, 11, 11))
    assert pro.durations == tuple(range(4, 13))
    assert pro in {pro}
    assert offer("seedance-2-5").model.frames_need_adaptive
    assert len(offer("seedance-2-5").model.prompt_languages) == 11
