"""What the parts of a background and of an asset say together. Source: the Create Video page (POST /v3/videos)."""

from __future__ import annotations

from collections.abc import Iterator

from batchgen.request.rule import Rule, absent, given, local_file, one_of


def rules_of_background() -> Iterator[Rule]:
    yield Rule(
        blames="background",
        when={"background.type": given, "output_format": one_of("webm")},
        message="A webm video is transparent and has no background.",
        hint="Remove the background, or set output_format to mp4.",
    )
    yield Rule(
        blames="background.value",
        when={"background.type": one_of("color"), "background.value": absent},
        message="The background colour is missing.",
        hint='Write it like "#1a2b3c".',
    )
    yield Rule(
        blames="background.url",
        when={"background.type": one_of("image"), "background.url": absent, "background.asset_id": absent},
        message="The background picture is missing.",
        hint="Give its link (url) or its asset id (asset_id).",
    )
    yield Rule(
        blames="background.asset_id",
        when={"background.asset_id": given, "background.url": given},
        message="The background has a link and an asset id.",
        hint="Keep one of url and asset_id.",
    )
    for kind, part in (("color", "url"), ("color", "asset_id"), ("image", "value")):
        yield Rule(
            blames=f"background.{part}",
            when={f"background.{part}": given, "background.type": one_of(kind)},
            message=f"A background of type {kind} has no {part}.",
            hint=f"Remove {part}, or change the background's type.",
        )


_ASSET_PARTS = {"url": ("url",), "asset_id": ("asset_id",), "base64": ("media_type", "data")}


def rules_of_asset(path: str, *, noun: str = "picture") -> Iterator[Rule]:
    """The rules of an asset at a path; at none, of an asset by itself."""
    at = f"{path}." if path else ""
    for kind, needed in _ASSET_PARTS.items():
        for part in needed:
            yield Rule(
                blames=f"{at}{part}",
                when={f"{at}type": one_of(kind), f"{at}{part}": absent},
                message=f"A {noun} of type {kind} needs {part}.",
                hint=f"Give {at}{part}.",
            )
        for part in ("url", "asset_id", "media_type", "data"):
            if part not in needed:
                yield Rule(
                    blames=f"{at}{part}",
                    when={f"{at}{part}": given, f"{at}type": one_of(kind)},
                    message=f"A {noun} of type {kind} has no {part}.",
                    hint=f"Remove {at}{part}: a {noun} is given in one way only.",
                )
    # Contradicting parts leave the type open, and then it counts as missing; say why.
    yield Rule(
        blames=f"{at}asset_id",
        when={f"{at}url": given, f"{at}asset_id": given, f"{at}type": absent},
        message=f"The {noun} has a link and an asset id.",
        hint="Keep one of url and asset_id.",
    )


def rules_of_file_names() -> Iterator[Rule]:
    for path in ("image.asset_id", "background.asset_id", "watermark.image.asset_id", "audio_asset_id"):
        yield Rule(
            blames=path,
            when={path: local_file},
            message="This is the name of a file, not an asset id.",
            hint="Upload the file and give its asset id or its link.",
        )
