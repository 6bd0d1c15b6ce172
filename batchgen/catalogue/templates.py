"""The provider's own templates: what rows put into one against the variables that it has. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from batchgen.catalogue.asked import Asked
from batchgen.catalogue.catalogue import Catalogue
from batchgen.catalogue.wrong import Wrong
from batchgen.fields import closest


def wrong_with_template(asked: Asked, catalogue: Catalogue) -> Iterator[Wrong]:
    """Everything that the template speaks against. One that the provider was not asked about is never a problem."""
    template_id = asked.template_id
    if template_id is None or template_id not in catalogue.templates:
        return
    template = catalogue.templates[template_id]
    if template is None:
        message = f'"{template_id}" is not a template of this account.'
        meant = closest(template_id, [other.id for other in catalogue.other_templates])
        hint = f'Did you mean "{meant}"?' if meant else "batchgen templates lists what there is."
        yield Wrong(path="template_id", value=template_id, message=message, hint=hint)
        return
    given = dict(asked.variables)
    missing = [name for name in template.variables if name not in given]
    for name, kind in given.items():
        if name not in template.variables:
            yield _unknown(name, template.name, missing, list(template.variables))
        elif template.variables[name] not in ("?", kind):
            message = f'The variable "{name}" of this template is of type {template.variables[name]}, not {kind}.'
            hint = f'Set [request.variables.{name}] type = "{template.variables[name]}".'
            yield Wrong(path=f"variables.{name}", value=kind, message=message, hint=hint)
    unknown = [name for name in given if name not in template.variables]
    for name in missing:
        if closest(name, unknown) is None:
            message = f'The template "{template.name}" has a variable "{name}" that nothing fills in.'
            kind = template.variables[name]
            hint = (
                "Fill in the cell that it is made of; where there is none, set it in [request.variables], or add a "
                f"column variables.{name} ({kind})."
            )
            yield Wrong(path=f"variables.{name}", value=name, message=message, hint=hint)


def _unknown(name: str, template: str, missing: list[str], known: list[str]) -> Wrong:
    meant = closest(name, missing) or closest(name, known)
    listed = f"It has: {', '.join(known)}." if known else "It has none."
    return Wrong(
        path=f"variables.{name}",
        value=name,
        message=f'The template "{template}" has no variable "{name}".',
        hint=f'Did you mean "{meant}"?' if meant else listed,
    )
