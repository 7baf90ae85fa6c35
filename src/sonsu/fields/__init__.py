"""The same form filled in many times: its fields by name, each read, checked, and honest about its doubts."""

from sonsu.fields.filled import FieldValue, FilledForm
from sonsu.fields.form import Field, Form, load_form
from sonsu.fields.reader import FormReader

__all__ = ["Field", "FieldValue", "FilledForm", "Form", "FormReader", "load_form"]
