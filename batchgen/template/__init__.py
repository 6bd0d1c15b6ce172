"""Templates: sandboxed Jinja over the columns of a row, strict about names, bounded in time and memory."""

from batchgen.template.operations import markup_of
from batchgen.template.template import PlaceholderProblem, RowContext, Template, TemplateProblem, Templates

__all__ = ["PlaceholderProblem", "RowContext", "Template", "TemplateProblem", "Templates", "markup_of"]
