"""Say where a render stands, how it ended and what it cost."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from cogs.ui.markup import link, member, quoted, relative, time_of_day
from cogs.ui.text.amounts import THIS_SPAN, counted, number
from render.allowance import Allowance
from render.brakes import Brake, Parked
from render.breaker import Trouble
from render.messenger import Obstacle
from render.outlook import Outlook
from render.pace import Pace, milliseconds
from seedance import ADAPTIVE, find
from storage.records import Cause, Pause, Render, Review, State

CAUSES: Final[Mapping[Cause, str]] = {
    Cause.TEXT_REFUSED: "The video service does not render these words, by its own rules."
    " Please say it differently; names of real people, brands and violence are common reasons.",
    Cause.IMAGE_REFUSED: "The video service does not take one of the pictures, by its own rules."
    " Please use another one.",
    Cause.REAL_PERSON_REFUSED: "The video service thinks that a picture shows a real person, and"
    " does not animate those. A drawn or generated picture works.",
    Cause.AUDIO_REFUSED: "The video service refused the sound, not the picture. That happens by"
    " chance: sending it again often works.",
    Cause.OUTPUT_REFUSED: "The video service rendered it and then held it back, by its own rules."
    " Other words often help.",
    Cause.BAD_INPUT: "The video service did not accept this combination of settings."
    " Please try others, and tell the bot's host if it happens again.",
    Cause.MODEL_GONE: "The video service no longer offers this model. Please choose another one.",
    Cause.OUT_OF_FUNDS: "The bot's account at the video service is empty."
    " Please tell the bot's host, and send it again later.",
    Cause.BAD_KEY: "The video service does not let this bot in any more."
    " Please tell the bot's host, and send it again later.",
    Cause.PROVIDER_FAILED: "Something broke at the video service. Please send it again.",
    Cause.OUTCOME_UNKNOWN: "We sent it, no answer ever came, and we stopped waiting."
    " Please send it again if you still want it.",
    Cause.TASK_EXPIRED: "The video service did not finish it in two days."
    " Please send it again if you still want it.",
    Cause.VIDEO_MISSING: "The video service says that it is done, and does not hand it over."
    " Please send it again.",
    Cause.CANCELLED_BY_MEMBER: "It was cancelled before it started, as you wished.",
    Cause.CANCELLED_BY_MODERATOR: "A moderator cancelled it before it started.",
    Cause.CANCELLED_BY_PROVIDER: "The video service cancelled it. Please send it again.",
    Cause.WAITED_TOO_LONG: "It waited as long as it may, and its turn did not come."
    " Please send it again when there is less to do.",
    Cause.DENIED: "A moderator looked at it and said no.",
    Cause.NOT_APPROVED: "A moderator had to say yes first, and none did in time."
    " Please ask the moderators before you send it again.",
    Cause.CARD_IMPOSSIBLE: "I could not write in the channel that you sent it from."
    " Please ask a moderator whether I may, or use another channel.",
}
STATES: Final[Mapping[State, str]] = {
    State.AWAITING_APPROVAL: "Waits for a moderator",
    State.QUEUED: "Waits its turn",
    State.SUBMITTING: "Starting",
    State.UNKNOWN: "Sent, no answer yet",
    State.RENDERING: "Rendering",
    State.RENDERED: "Done, about to be posted",
    State.UNDELIVERED: "Done, could not be posted",
    State.DELIVERED: "Done",
    State.FAILED: "No video",
    State.CANCELLED: "Cancelled",
}
_PROSPECTS: Final[Mapping[State, str]] = {
    State.SUBMITTING: "It is on its way to the video service.",
    State.RENDERED: "The video is on its way to you.",
    State.UNDELIVERED: "It could not be posted, so it is kept for you: `/renders show id:{id}`",
}
# Why a moderator says yes first; a card, which all may read, shows this too.
_REVIEWS: Final[Mapping[Review, str]] = {
    Review.ALWAYS: "Moderators look at every video here before it starts.",
    Review.IMAGES: "Moderators look at videos with pictures here before they start.",
    Review.NEWCOMERS: "Moderators look at videos of new members here before they start.",
    Review.NEWCOMERS_IMAGES: "Moderators look at pictures of new members here before a video"
    " starts.",
    Review.WORDS: "Moderators look at some prompts here before the video starts, and at this one.",
}
TROUBLES: Final[Mapping[Trouble, str]] = {
    Trouble.OUT_OF_FUNDS: "the bot's account at the video service is empty",
    Trouble.BAD_KEY: "the video service does not let this bot in",
    Trouble.UNREACHABLE: "the video service cannot be reached",
}
# Why a render was not started; its card, which all may read, shows this too.
OBSTACLES: Final[Mapping[Obstacle, str]] = {
    Obstacle.SERVER_LEFT: "I was removed from the server before its turn came.",
    Obstacle.MEMBER_LEFT: "Its member left the server before its turn came.",
    Obstacle.MEMBER_TIMED_OUT: "Its member could not write in the server when its turn came."
    " Please send it again later.",
    Obstacle.CHANNEL_CLOSED: "I can no longer write in the channel that you sent it from."
    " Please ask a moderator whether I may, or use another channel.",
    Obstacle.CARD_DELETED: "Its card was deleted before its turn came.",
}
LATE: Final = "Rendering, late"
TAKEN_DOWN: Final = "Taken down"
GONE: Final = "A moderator took the video down."
ALT_TEXT: Final = "A video made from these words:"


def credit(amount: int) -> str:
    """Write an amount of credits."""
    return f"{amount} credit" if amount == 1 else f"{amount} credits"


def model_label(name: str) -> str:
    """Return the name of a model that members read."""
    model = find(name)
    return model.label if model else name


def settings_line(render: Render) -> str:
    """Write what was chosen and what it costs, in one line."""
    shape = "shaped like the picture" if render.ratio == ADAPTIVE else render.ratio
    parts = [f"{render.duration_seconds} s", render.resolution, shape]
    if render.seed is not None:
        parts.append(f"seed {render.seed}")
    if render.audio is not None:
        parts.append("with sound" if render.audio else "without sound")
    return " · ".join([*parts, model_label(render.model), credit(render.cost)])


def state_words(render: Render) -> str:
    """Name the state of a render."""
    if render.taken_down_at_ms is not None:
        return TAKEN_DOWN
    late = render.state is State.RENDERING and render.late_at_ms is not None
    return LATE if late else STATES[render.state]


def money_back(render: Render) -> str:
    """Say that a render which gave no video cost its member nothing."""
    return f"Your {credit(render.cost)} are back." if render.cost != 1 else "Your credit is back."


def prospect(
    render: Render,
    *,
    ahead: int,
    pace: Pace,
    brake: Brake | None = None,
    outlook: Outlook | None = None,
) -> str:
    """Say what comes next, by when, and what becomes of the credits.

    `brake` is why nothing is submitted at the moment, `outlook` when it starts or is done.
    """
    match render.state:
        case State.AWAITING_APPROVAL:
            return _judgement(render, pace)
        case State.QUEUED:
            return _turn(render, ahead, pace, brake, outlook)
        case State.UNKNOWN:
            sent = render.submitted_at_ms or render.state_at_ms
            by = time_of_day(sent + milliseconds(pace.unknown_after))
            return f"We sent it, but no answer came. You need do nothing. {_either(render, by)}"
        case State.RENDERING:
            return _end(render, pace, outlook)
        case State.DELIVERED | State.UNDELIVERED if render.taken_down_at_ms is not None:
            return GONE
        case State.DELIVERED:
            return f"{_paid(render)} The video is in its own message."
        case State.FAILED | State.CANCELLED:
            return f"{cause(render)} {money_back(render)}"
        case state:
            return _PROSPECTS[state].format(id=render.id)


def _end(render: Render, pace: Pace, outlook: Outlook | None) -> str:
    """Say when a render that is with the video service is done, and what it then costs."""
    if render.late_at_ms is not None:
        return f"{money_back(render)} If the video still comes, it is free."
    by = time_of_day(render.state_at_ms + milliseconds(pace.late_after))
    return f"{_foretold('is done', outlook)} {_either(render, by)}"


def _either(render: Render, by: str) -> str:
    return f"By {by} you have the video, or your {credit(render.cost)} back."


def _judgement(render: Render, pace: Pace) -> str:
    """Say why a moderator must say yes first, and by when."""
    why = _REVIEWS[render.review or Review.ALWAYS]
    by = time_of_day(render.state_at_ms + milliseconds(pace.approval_time))
    return f"{why} If none has said yes by {by}, you get the {credit(render.cost)} back."


def _turn(
    render: Render, ahead: int, pace: Pace, brake: Brake | None, outlook: Outlook | None
) -> str:
    """Say what a queued render waits for, and how long it may."""
    if isinstance(brake, Parked):
        return (
            "A moderator put it aside for now. Your place is kept, and this does not count as"
            " waiting."
        )
    if isinstance(brake, Pause):
        reason = f": {quoted(brake.reason, limit=200)}" if brake.reason else ""
        return (
            f"Moderators paused the videos of this server{reason}. Your place is kept, and the"
            " pause does not count as waiting."
        )
    until = time_of_day(render.waiting_since_ms + milliseconds(pace.queue_time))
    if brake:
        words = f"{_capital(TROUBLES[brake])}; your place is kept."
    else:
        words = f"{_place(ahead)} {_foretold('starts', outlook)}"
    return f"{words} If it has not started by {until}, you get the credits back."


def _foretold(what: str, outlook: Outlook | None) -> str:
    """Say when something comes about, and how sure that is; without history, that it is unsure."""
    if outlook is None:
        return "How long it takes is not known yet."
    return (
        f"Going by the last videos, it {what} around {time_of_day(outlook.usual_ms)}, or"
        f" {time_of_day(outlook.slow_ms)} when they are slow."
    )


def _place(ahead: int) -> str:
    if ahead == 0:
        return "It is next."
    return f"{ahead} before it." if ahead > 1 else "One before it."


def _paid(render: Render) -> str:
    if render.late_at_ms is not None:
        return "It came late, so it was free."
    return f"It cost {credit(render.settled if render.settled is not None else render.cost)}."


def cause(render: Render) -> str:
    """Say why there is no video, and what to do."""
    if render.cause is None:
        return "It ended without a video."
    words = CAUSES[render.cause]
    if render.cause in {Cause.CANCELLED_BY_MODERATOR, Cause.DENIED} and render.detail:
        return f"{words} The reason: {quoted(render.detail, limit=300)}."
    if render.cause is Cause.WAITED_TOO_LONG and render.detail:
        trouble = TROUBLES[Trouble(render.detail)]
        return f"It waited as long as it may, and {trouble}. Please send it again later."
    if render.cause is Cause.CARD_IMPOSSIBLE and render.detail:
        return OBSTACLES[Obstacle(render.detail)]
    return words


def _capital(words: str) -> str:
    return words[0].upper() + words[1:]


def result_ready(render: Render) -> str:
    """Tell the member that the video is here."""
    free = " It came late, so it is free." if render.late_at_ms is not None else ""
    return f"{member(render.member_id)} Your video is ready.{free}"


def result_link_only(render: Render) -> str:
    """Tell the member that the video is behind the link."""
    return f"{result_ready(render)} It is behind this link."


def result_link_apart(render: Render) -> str:
    """Tell the member where the link is that does not fit into the message."""
    return (
        f"{result_ready(render)} It is too large to attach, and its link is too long for here:"
        f" `/renders show id:{render.id}` gives it to you."
    )


def result_failed(render: Render) -> str:
    """Tell the member that there is no video, why, and what became of the credits."""
    return f"{member(render.member_id)} There is no video. {cause(render)} {money_back(render)}"


def attached_link(url: str) -> str:
    """Offer the copy that stands in Discord."""
    return link("The file in Discord", url)


def provider_link(url: str, expires_at_ms: int | None) -> str:
    """Offer the video service's own copy, and say how long it lasts."""
    words = link("The file at the video service", url)
    return f"{words} · this link ends {relative(expires_at_ms)}" if expires_at_ms else words


def accepted(
    render: Render,
    *,
    card_url: str,
    allowance: Allowance,
    crops: bool,
    undo: timedelta,
    pace: Pace,
) -> str:
    """Tell the member that the render is accepted, privately."""
    lines = [
        f"Accepted: {link('here is its card', card_url)}, `{render.id}`.",
        f"It costs {credit(render.cost)} with {model_label(render.model)}. {left(allowance)}.",
    ]
    if render.review:
        lines.append(f"It waits for a moderator. {_judgement(render, pace)}")
    if crops:
        lines.append(_cropped(render))
    if undo and not render.review:
        lines.append(f"Cancel within {undo.total_seconds():.0f} s if you meant something else.")
    return "\n".join(lines)


def _cropped(render: Render) -> str:
    if render.ratio == ADAPTIVE:
        return "Your last picture has another shape than the first, and is made to fit it."
    return f"Your picture has another shape than {render.ratio}: its edges are cut off."


def accepted_in_short(render: Render) -> str:
    """Tell the member that the render is accepted, when the rest could not be looked up."""
    return (
        f"Accepted as `{render.id}`; its card is in this channel or comes there."
        f" `/renders show id:{render.id}` says how it stands."
    )


def repeated(render: Render, card_url: str | None) -> str:
    """Tell the member that the same wish is already under way."""
    where = link("its card", card_url) if card_url else "its card"
    return f"You sent this a moment ago; it is under way once: {where}, `{render.id}`."


def left(allowance: Allowance) -> str:
    """Say what a member has left, in the window that leaves least, and in clips."""
    account = allowance.account
    window = THIS_SPAN[account.key.span]
    words = f"{number(account.left or 0)} of {counted(account.ceiling or 0)} left for {window}"
    if granted := allowance.wallet.granted:
        words = f"{words}, and {number(granted)} given to you"
    enough = clips(allowance.spendable, allowance.clip_credits, allowance.clip_seconds)
    return f"{words}, {enough}" if enough else words


def clips(amount: int | None, clip_credits: int, clip_seconds: int) -> str:
    """Say in clips what an amount is good for."""
    if amount is None or clip_credits <= 0:
        return ""
    count = amount // clip_credits
    if count == 0:
        return f"not enough for a clip of {clip_seconds} s"
    return f"about {count} {'clip' if count == 1 else 'clips'} of {clip_seconds} s"
