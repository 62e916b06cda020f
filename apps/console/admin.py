"""The admin kit: declarative object pages whose every write is one call of one service.

`GovernedAdmin` shows a governed record and hands what people do to its services.
`EvidenceAdmin` shows what nobody writes by hand.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Mapping, Sequence
from inspect import getattr_static
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin import helpers
from django.contrib.admin.options import IncorrectLookupParameters, flatten_fieldsets
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.main import ChangeList
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.core.exceptions import FieldDoesNotExist, PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db import DataError, models
from django.forms import BaseForm
from django.forms.formsets import all_valid
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.utils.functional import cached_property
from django.utils.safestring import SafeString
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST
from django.views.generic import RedirectView

from apps.console import display
from apps.console.forms import (
    ClockInput,
    DayInput,
    KeySelect,
    MomentField,
    MomentInput,
    MoveForm,
    PartFormSet,
    missing,
    tell_values,
)
from apps.console.hooks import actor_of, hook, records_of
from apps.console.page import (
    Fact,
    Link,
    Panel,
    locked_moves,
    meanwhile,
    move_rows,
    route_of,
    shown_panels,
)
from apps.console.site import safe_next
from apps.console.step_up import StepUpForm, kept_of
from apps.core.actor import Actor
from apps.core.errors import Blocker, Refused, bad_input
from apps.core.moves import Move, find_move, moves_of
from apps.core.step_up import is_fresh
from apps.core.text import LINE_MAX
from apps.evidence.models import GovernedModel
from apps.evidence.selectors import comments_about
from apps.evidence.services.exports import exported_csv
from apps.evidence.services.ledger import stale_blocker
from apps.evidence.services.remarks import add_comment

#: How the filters at the side of a list ask.
_FILTER_LOOKUPS = ("exact", "in", "isnull", "gte", "lt")


class BoundedPaginator(Paginator):
    """Counts no further than `limit`: an exact count of a million rows helps nobody."""

    limit = 10_000

    @cached_property
    def count(self) -> int:
        found: int = self.object_list.order_by()[: self.limit].count()
        return found


class ConsoleChangeList(ChangeList):
    """A list that was asked for what cannot be is an unusable question, never a fault."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        try:
            super().__init__(*args, **kwargs)
        except (ValueError, ArithmeticError, DataError) as error:
            raise IncorrectLookupParameters(error) from None


class _NativeInputs:
    """The browser's own pickers, and no pop-ups that add a record in passing."""

    formfield_overrides = {
        models.DateTimeField: {"form_class": MomentField, "widget": MomentInput},
        models.DateField: {"widget": DayInput},
        models.TimeField: {"widget": ClockInput},
        models.URLField: {"assume_scheme": "https"},
    }

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in self.get_autocomplete_fields(request):  # type: ignore[attr-defined]
            kwargs.setdefault("widget", KeySelect(db_field, self.admin_site))  # type: ignore[attr-defined]
        return super().formfield_for_foreignkey(  # type: ignore[misc]
            db_field, request, **kwargs
        )

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        formfield = super().formfield_for_dbfield(  # type: ignore[misc]
            db_field, request, **kwargs
        )
        if formfield and isinstance(formfield.widget, RelatedFieldWidgetWrapper):
            formfield.widget = formfield.widget.widget
        if formfield:
            formfield.error_messages |= missing(str(formfield.label or db_field.verbose_name))
        if isinstance(formfield, forms.DateTimeField) and not formfield.help_text:
            formfield.help_text = f"{settings.INTERLOCK_ZONE} time."
        return formfield


class ConsoleAdmin(_NativeInputs, admin.ModelAdmin):
    """What every page of the console shares: reading. Everybody signed in reads.

    `order` places the model in its section; `readers` limits it to holders of those roles.
    `export_fields` are the columns of its CSV file, all own columns where empty.
    """

    order: ClassVar[int] = 100
    readers: ClassVar[tuple[str, ...]] = ()
    export_fields: ClassVar[tuple[str, ...]] = ()
    panels: ClassVar[tuple[Panel, ...]] = ()
    route: ClassVar[tuple[str, ...]] = ()

    actions = None
    list_per_page = 50
    list_max_show_all = 0
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    paginator = BoundedPaginator
    change_form_template = "admin/governed/change_form.html"
    change_list_template = "admin/governed/change_list.html"
    object_history_template = "admin/governed/history.html"

    # What a page shows; admins override these.

    def strip(self, request: HttpRequest, obj: Any) -> Sequence[Fact]:
        """The facts under the title, the same on every page of this kind."""
        return ()

    def heading(self, obj: Any) -> str | SafeString:
        return str(obj)

    def subheading(self, obj: Any) -> str | SafeString:
        return ""

    def links(self, request: HttpRequest, obj: Any) -> Sequence[Link]:
        """Where else the record is looked at; they stand beside its title."""
        return ()

    def route_for(self, obj: Any) -> Sequence[str]:
        """The states that the track of this record shows."""
        return self.route

    # Addresses.

    def get_urls(self) -> list[URLPattern]:
        prefix = f"{self.opts.app_label}_{self.opts.model_name}"
        wrap = self.admin_site.admin_view
        return [
            path("", wrap(self.changelist_view), name=f"{prefix}_changelist"),
            path("add/", wrap(self.add_view), name=f"{prefix}_add"),
            path("export/", wrap(self.export_view), name=f"{prefix}_export"),
            path("<path:object_id>/history/", wrap(self.history_view), name=f"{prefix}_history"),
            path("<path:object_id>/comment/", wrap(self.comment_view), name=f"{prefix}_comment"),
            path("<path:object_id>/change/", wrap(self.change_view), name=f"{prefix}_change"),
            path(
                "<str:object_id>/",
                wrap(RedirectView.as_view(pattern_name=f"admin:{prefix}_change")),
            ),
        ]

    def address(self, what: str, *args: Any) -> str:
        """The path of one of this admin's pages: changelist, change, history, move…"""
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_{what}", args=args)

    # Permission. Writing is decided by the services; these decide what is offered.

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return not self.readers or actor_of(request).holds(*self.readers)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    # Records.

    def get_object(self, request: HttpRequest, object_id: str, from_field: Any = None) -> Any:
        if "\0" in object_id:
            return None
        queryset = self.get_queryset(request)
        if self.list_select_related:
            queryset = queryset.select_related(*self.list_select_related)  # type: ignore[misc]
        try:
            return queryset.get(pk=self.opts.pk.to_python(object_id))
        except (self.model.DoesNotExist, ValidationError):
            return None

    def find(self, request: HttpRequest, object_id: str) -> Any:
        """The record, or 404 for one that is not there or may not be seen."""
        obj = self.get_object(request, unquote(object_id))
        if obj is None or not self.has_view_permission(request, obj):
            raise Http404
        return obj

    def subject_of(self, obj: Any) -> str:
        """The record's name in the ledger; "" for a record that has no timeline."""
        return obj.subject if isinstance(obj, GovernedModel) else ""

    # The object page.

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if request.method not in ("GET", "HEAD") or object_id is None:
            raise PermissionDenied
        return self.object_page(request, self.find(request, object_id))

    def object_page(
        self,
        request: HttpRequest,
        obj: Any,
        *,
        form: BaseForm | None = None,
        formsets: Sequence[Any] | None = None,
        status: int = 200,
        **extra: Any,
    ) -> HttpResponse:
        """The page of `obj`, or of a record to be (None); `form` and `formsets` keep what was
        typed."""
        if form is None or formsets is None:
            form, formsets = self.forms(request, obj)
        inlines = self.get_inline_instances(request, obj)
        fieldsets = list(self.get_fieldsets(request, obj))
        writable = self.has_change_permission(request, obj) if obj else True
        readonly = (
            self.get_readonly_fields(request, obj) if writable else flatten_fieldsets(fieldsets)
        )
        if not writable:
            tell_values(form, self.model)
        page = helpers.AdminForm(form, fieldsets, {}, readonly, model_admin=self)
        inline_formsets = self.get_inline_formsets(request, formsets, inlines, obj)
        media = self.media + page.media
        for inline_formset in inline_formsets:
            media += inline_formset.media
        context = {
            **self.admin_site.each_context(request),
            "title": self.heading(obj) if obj else f"Add {self.opts.verbose_name}",
            "subtitle": None,
            "adminform": page,
            "object_id": str(obj.pk) if obj else None,
            "original": obj,
            "is_popup": False,
            "to_field": None,
            "media": media,
            "inline_admin_formsets": inline_formsets,
            "errors": helpers.AdminErrorList(form, formsets),
            "preserved_filters": self.get_preserved_filters(request),
            "writable": writable,
            "form_step_up": getattr(self, "step_up", False),
            **(self.page_context(request, obj, extra) if obj else {}),
            **extra,
        }
        response = self.render_change_form(
            request, context, add=obj is None, change=obj is not None, obj=obj
        )
        response.status_code = status
        return response

    def page_context(
        self, request: HttpRequest, obj: Any, extra: Mapping[str, Any]
    ) -> dict[str, Any]:
        """What the object page shows above and below its form."""
        subject = self.subject_of(obj)
        above = (hook("INTERLOCK_PANELS") or {}).get(self.opts.label_lower, ())
        return {
            "subheading": self.subheading(obj),
            "facts": self.strip(request, obj),
            "page_links": self.links(request, obj),
            "panels": shown_panels((*self.panels, *above), request, obj),
            "subject": subject,
            "comments": comments_about(subject) if subject else (),
            "version": getattr(obj, "evidence_seq", ""),
            "change_url": self.address("change", obj.pk),
            "history_url": self.address("history", obj.pk) if subject else "",
            "comment_url": self.address("comment", obj.pk) if subject else "",
        }

    def forms(
        self, request: HttpRequest, obj: Any, data: Any = None
    ) -> tuple[BaseForm, list[PartFormSet]]:
        """The form and the formsets of the parts; bound when `data` is given."""
        fields = flatten_fieldsets(self.get_fieldsets(request, obj))
        form_class = self.get_form(request, obj, change=obj is not None, fields=fields)
        if obj is None:
            initial = self.get_changeform_initial_data(request) if data is None else None
            form = form_class(data, initial=initial)
        else:
            # A copy: validation writes what was typed onto the instance.
            form = form_class(data, instance=copy.copy(obj))
        formsets: list[PartFormSet] = []
        for inline in self.get_inline_instances(request, obj):
            formset_class = inline.get_formset(request, obj)
            formsets.append(
                formset_class(
                    data,
                    instance=form.instance,
                    prefix=formset_class.get_default_prefix(),
                    queryset=inline.get_queryset(request),
                )
            )
        return form, formsets

    # Comments, timeline, export.

    @method_decorator(require_POST)
    def comment_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        obj = self.find(request, object_id)
        subject = self.subject_of(obj)
        if not subject:
            raise Http404
        text = request.POST.get("text", "")
        try:
            add_comment(about=subject, actor=actor_of(request), text=text)
        except Refused as refusal:
            return self.object_page(
                request, obj, status=refusal.status,
                comment_refused=refusal.blockers, comment_typed=text,
            )  # fmt: skip
        return HttpResponseRedirect(
            f"{safe_next(request) or self.address('change', obj.pk)}#comments"
        )

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """What happened to the record. It can be read and nothing else."""
        if request.method not in ("GET", "HEAD"):
            raise PermissionDenied
        obj = self.find(request, object_id)
        subject = self.subject_of(obj)
        if not subject:
            raise Http404
        told, status = hook("INTERLOCK_TIMELINE")(request, obj, subject)
        context = {
            **self.admin_site.each_context(request),
            "title": f"Timeline of {obj}",
            "opts": self.opts,
            "original": obj,
            "subject": subject,
            "change_url": self.address("change", obj.pk),
            **told,
        }
        return render(request, self.object_history_template, context, status=status)

    @method_decorator(require_POST)
    def export_view(self, request: HttpRequest) -> HttpResponse:
        """The filtered list as CSV; the filters stand in the address, as on the list itself."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        try:
            queryset = self.get_changelist_instance(request).queryset
        except IncorrectLookupParameters:
            raise Http404 from None
        fields = [self.opts.get_field(name) for name in self.export_fields] or [
            field for field in self.opts.concrete_fields if field.name != "evidence_head"
        ]
        rows = (
            [self._exported(field, obj) for field in fields]
            for obj in queryset.iterator(chunk_size=500)
        )
        name = str(self.opts.verbose_name_plural).replace(" ", "-")
        return exported_csv(
            name, [f.name for f in fields], rows,
            actor=actor_of(request), asked=request.GET.dict(),
        )  # fmt: skip

    def _exported(self, field: Any, obj: Any) -> Any:
        """A cell: choices in words; another record by name where the list reads it anyway."""
        if field.is_relation and field.name in (self.list_select_related or ()):  # type: ignore[operator]
            return getattr(obj, field.name)
        value = getattr(obj, field.attname)
        return dict(field.flatchoices).get(value, value) if field.choices else value

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """What the list's own filters ask, and nothing else: any other column could be guessed
        character by character, a password among them."""
        path, _, how = lookup.rpartition("__")
        fields = self.get_list_filter(request) if request else self.list_filter
        return lookup in fields or (
            how in _FILTER_LOOKUPS and (path in fields or path.removesuffix("__id") in fields)
        )

    def get_paginator(
        self, request: HttpRequest, queryset: Any, per_page: int, *args: Any, **kwargs: Any
    ) -> Paginator:
        """In some order always: pages of a chooser would repeat and miss rows."""
        rows = queryset if queryset.ordered else queryset.order_by("-pk")
        return super().get_paginator(request, rows, per_page, *args, **kwargs)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return ConsoleChangeList

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """What the address tells of a new record, as far as its fields can hold it."""
        told = {}
        for name, value in super().get_changeform_initial_data(request).items():
            try:
                self.opts.get_field(name).to_python(value)  # type: ignore[union-attr]
            except (FieldDoesNotExist, ValidationError):
                continue
            told[name] = value
        return told

    def get_changelist_form(self, request: HttpRequest, **kwargs: Any) -> Any:
        raise PermissionDenied

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if request.method not in ("GET", "HEAD"):
            raise PermissionDenied
        return super().changelist_view(
            request,
            {
                "title": str(self.opts.verbose_name_plural).capitalize(),
                "export_url": f"{self.address('export')}?{request.GET.urlencode()}",
                **(extra_context or {}),
            },
        )


class EvidenceAdmin(ConsoleAdmin):
    """Records that nobody writes by hand: the ledger, signatures, derived facts."""


class AboutRecords(ConsoleAdmin):
    """Lists and pages of what is about other records: they name those records."""

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        shown = super().get_changelist_instance(request)
        named = records_of({row.about for row in shown.result_list})
        for row in shown.result_list:
            row.record = display.record(row.about, named)
        return shown

    def about_fact(self, obj: Any) -> Fact:
        return Fact("About", display.record(obj.about, records_of([obj.about])))

    @admin.display(description="About", ordering="about")
    def record(self, obj: Any) -> SafeString:
        shown: SafeString = obj.record
        return shown


def receipts_of(move: Any, done: Any) -> list[str]:
    """A decision answers with the receipt of its entry, which whoever decided may keep."""
    return [f"{done.receipt.words}."] if move.step_up and hasattr(done, "receipt") else []


class PartInline(_NativeInputs, admin.TabularInline):
    """Parts of a governed record, edited together with it by the record's own service."""

    formset = PartFormSet
    extra = 0
    show_change_link = False

    def _owner(self) -> ConsoleAdmin:
        owner: ConsoleAdmin = self.admin_site.get_model_admin(self.parent_model)
        return owner

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        owner = self._owner()
        return (
            owner.has_change_permission(request, obj) if obj else owner.has_add_permission(request)
        )

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request, obj)


class GovernedAdmin(ConsoleAdmin):
    """A governed record: its page offers moves, and hands its form to one service call.

    - `moves`: what can be done with the record, each a POST button over its service.
    - `create_service(*, actor, values[, parts])` and
      `edit_service(*, pk, actor, expected_seq, values[, parts], comment)`: `values` holds the
      fields that were changed (all of them on creation); `parts`, handed over only where the
      admin has inlines, maps a reverse name to the full list of rows, for the part lists that
      were changed. None: the console cannot do it.
    - `create_blockers(actor)` and `edit_blockers(actor, obj)`: why somebody may not; the page
      then shows facts instead of inputs. The services ask again.
    - `step_up`: its form is saved with a fresh proof of who enters it only.
    - `route`: the states of the lifecycle's usual way, drawn as a track.
    """

    moves: ClassVar[tuple[Move, ...]] = ()
    step_up: ClassVar[bool] = False
    create_service: ClassVar[Callable[..., Any] | None] = None
    edit_service: ClassVar[Callable[..., Any] | None] = None
    create_blockers: ClassVar[Callable[[Actor], Iterable[Blocker]] | None] = None
    edit_blockers: ClassVar[Callable[[Actor, Any], Iterable[Blocker]] | None] = None

    def get_urls(self) -> list[URLPattern]:
        move = path(
            "<path:object_id>/move/<slug:name>/",
            self.admin_site.admin_view(self.move_view),
            name=f"{self.opts.app_label}_{self.opts.model_name}_move",
        )
        return [move, *super().get_urls()]

    def _declared(self, name: str) -> Any:
        """A service given as a plain function, which must not be bound to the admin."""
        found = getattr_static(type(self), name)
        return found.__func__ if isinstance(found, staticmethod) else found

    # What is offered.

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self._declared("create_service") is not None and not self._add_blockers(request)

    def _add_blockers(self, request: HttpRequest) -> tuple[Blocker, ...]:
        blockers = self._declared("create_blockers")
        return tuple(blockers(actor_of(request))) if blockers else ()

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if self._declared("edit_service") is None or obj is None:
            return False
        return not self._edit_blockers(request, obj)

    def _edit_blockers(self, request: HttpRequest, obj: Any) -> tuple[Blocker, ...]:
        """Asked many times while a page is built, answered once."""
        blockers = self._declared("edit_blockers")
        known: dict[Any, tuple[Blocker, ...]] = request.__dict__.setdefault("_may_edit", {})
        key = (self.opts.label, obj.pk, getattr(obj, "evidence_seq", 0))
        if key not in known:
            known[key] = tuple(blockers(actor_of(request), obj)) if blockers else ()
        return known[key]

    def page_context(
        self, request: HttpRequest, obj: Any, extra: Mapping[str, Any]
    ) -> dict[str, Any]:
        context = super().page_context(request, obj, extra)
        states = moves_of(self.moves, actor_of(request), obj)
        rows = move_rows(
            states, obj, typed=extra.get("move_form"), refused=extra.get("move_refused")
        )
        tried = extra.get("move_form")
        locked_first, locked_rest = locked_moves(rows)
        return {
            **context,
            "moves": rows,
            "locked_first": locked_first,
            "locked_rest": locked_rest,
            "move_base": self.address("change", obj.pk).removesuffix("change/"),
            # The door's answer to a move that this state does not offer has no button to sit at.
            "refused_elsewhere": tried is not None
            and extra.get("move_refused") is not None
            and all(row.move.name != tried.move.name for row in rows),
            "stations": route_of(obj, self.route_for(obj), rows),
            "why_not_edited": self._edit_blockers(request, obj)
            if self._declared("edit_service")
            else (),
        }

    # Creating and editing.

    @method_decorator(sensitive_post_parameters("password"))
    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Without Django's own transaction: the service's door is the outermost one."""
        obj = None if object_id is None else self.find(request, object_id)
        service = self._declared("create_service" if obj is None else "edit_service")
        if request.method == "POST":
            if service is None:
                raise PermissionDenied
            return self._create(request) if obj is None else self._edit(request, obj)
        if obj is None and not self.has_add_permission(request):
            raise PermissionDenied
        return self.object_page(request, obj)

    def _create(self, request: HttpRequest) -> HttpResponse:
        form, formsets = self.forms(request, None, request.POST)
        if not _all_valid(form, formsets):
            if not self.has_add_permission(request):
                raise PermissionDenied
            return self.object_page(request, None, form=form, formsets=formsets, status=400)
        if self.has_add_permission(request) and (asked := self._proof_of_entry(request, None)):
            return asked
        call: dict[str, Any] = {"actor": actor_of(request), "values": dict(form.cleaned_data)}
        if self.inlines:
            call["parts"] = {_reverse_name(fs): fs.rows() for fs in formsets}
        try:
            obj = self._declared("create_service")(**call)
        except Refused as refusal:
            return self._refused(request, None, form, formsets, refusal)
        messages.success(request, f"{_title(self.opts.verbose_name)} {obj} was added.")
        return HttpResponseRedirect(safe_next(request) or self.address("change", obj.pk))

    def _edit(self, request: HttpRequest, obj: Any) -> HttpResponse:
        form, formsets = self.forms(request, obj, request.POST)
        try:
            seq = self._posted_version(request, obj)
            _refuse_if_stale(obj, seq)
        except Refused as refusal:
            _all_valid(form, formsets)
            return self._refused(request, obj, form, formsets, refusal)
        permitted = self.has_change_permission(request, obj)
        if permitted and not _all_valid(form, formsets):
            return self.object_page(request, obj, form=form, formsets=formsets, status=400)
        changed = [formset for formset in formsets if permitted and formset.has_changed()]
        if permitted and not form.changed_data and not changed:
            messages.info(request, "Nothing was changed.")
            return HttpResponseRedirect(self.address("change", obj.pk))
        if permitted and (asked := self._proof_of_entry(request, obj)):
            return asked
        # Whoever may not edit is told so by the service, which also records it.
        call: dict[str, Any] = {
            "pk": obj.pk,
            "actor": actor_of(request),
            "expected_seq": seq,
            "values": {name: form.cleaned_data[name] for name in form.changed_data}
            if permitted
            else {},
            "comment": request.POST.get("change_comment", "").strip(),
        }
        if self.inlines:
            call["parts"] = {_reverse_name(fs): fs.rows() for fs in changed}
        try:
            self._declared("edit_service")(**call)
        except Refused as refusal:
            return self._refused(request, obj, form, formsets, refusal)
        messages.success(request, f"{_title(self.opts.verbose_name)} {obj} was saved.")
        return HttpResponseRedirect(safe_next(request) or self.address("change", obj.pk))

    def _posted_version(self, request: HttpRequest, obj: Any) -> int | None:
        """The version of the record that the page showed; None for a record without versions."""
        if not hasattr(obj, "evidence_seq"):
            return None
        text = request.POST.get("evidence_seq", "")
        if not (text.isascii() and text.isdigit() and len(text) < 10):
            raise Refused(
                bad_input("evidence_seq", "The page did not say which version it showed.",
                          "Reload the page and enter it again.")
            )  # fmt: skip
        return int(text)

    def _refused(
        self,
        request: HttpRequest,
        obj: Any,
        form: BaseForm,
        formsets: Sequence[PartFormSet],
        refusal: Refused,
    ) -> HttpResponse:
        """The page again with what was typed, every reason, and what happened meanwhile."""
        for blocker in refusal.blockers:
            if blocker.field in form.fields and blocker.text not in str(form.errors):
                form.add_error(blocker.field, f"{blocker.text} {blocker.fix}".strip())
        if obj is not None:
            obj = self.find(request, str(obj.pk))
        stale = refusal.kind == "stale"
        typed = _typed(form, obj) if stale else ()
        return self.object_page(
            request, obj, form=form, formsets=formsets, status=409 if stale else refusal.status,
            edit_refused=refusal.blockers, meanwhile=meanwhile(self.model, refusal), typed=typed,
        )  # fmt: skip

    # Moves.

    @method_decorator([require_POST, sensitive_post_parameters("password")])
    def move_view(self, request: HttpRequest, object_id: str, name: str) -> HttpResponse:
        """Do one move. Whatever the answer, it is the service's."""
        obj = self.find(request, object_id)
        move = find_move(self.moves, name)
        if move is None:
            raise Http404
        if move.step_up and (asked := self._ask_who(
            request, what=move.label, about=self.heading(obj), comment_label=move.comment_label,
            comment=request.POST.get("comment", ""), back=self.address("change", obj.pk),
        )):  # fmt: skip
            return asked
        form = MoveForm(move, obj, request.POST)
        try:
            seq = self._posted_version(request, obj)
            if not form.is_valid():
                return self.object_page(request, obj, status=400, move_form=form)
            values = form.values()
            if move.seal is not None:
                values["content_digest"] = request.POST.get("content_digest", "")
            done = move.service(pk=obj.pk, actor=actor_of(request), expected_seq=seq, **values)
        except Refused as refusal:
            form.is_valid()
            return self.object_page(
                request, self.find(request, str(obj.pk)), status=refusal.status, move_form=form,
                move_refused=refusal, meanwhile=meanwhile(self.model, refusal),
            )  # fmt: skip
        told = [f"{move.label}: done.", *move.notes(done), *receipts_of(move, done)]
        messages.success(request, " ".join(told))
        return HttpResponseRedirect(safe_next(request) or self.address("change", obj.pk))

    def _proof_of_entry(self, request: HttpRequest, obj: Any) -> HttpResponse | None:
        """What `_ask_who` answers about what was typed on the form."""
        if not self.step_up:
            return None
        return self._ask_who(
            request,
            what=f"{'Save' if obj else 'Add'} {self.opts.verbose_name}",
            about=self.heading(obj) if obj else "a new record",
            comment_label="Why",
            comment=request.POST.get("change_comment", ""),
            back=self.address("change", obj.pk) if obj else self.address("add"),
        )

    def _ask_who(
        self, request: HttpRequest, *, what: str, about: Any, comment_label: str, comment: str,
        back: str,
    ) -> HttpResponse | None:  # fmt: skip
        """None when the proof is fresh, or was just given. Otherwise the password page; it carries
        what was typed and sends all of it again."""
        if is_fresh(actor_of(request)):
            return None
        proof = StepUpForm(request, request.POST if "password" in request.POST else None)
        if proof.is_valid():
            proof.renew()
            return None
        response: HttpResponse = self.admin_site.step_up_page(
            request,
            proof,
            {
                "kept": kept_of(request), "action": request.get_full_path(), "about": about,
                "move": {"label": what, "comment_label": comment_label},
                "comment": comment[:LINE_MAX], "next": back,
            },
        )  # fmt: skip
        return response


def _refuse_if_stale(obj: Any, seq: int | None) -> None:
    """Before the form is looked at: what was typed on an old version is not judged, but shown."""
    if seq is not None and seq != obj.evidence_seq:
        raise Refused(stale_blocker(obj, seq))


def _all_valid(form: BaseForm, formsets: Sequence[PartFormSet]) -> bool:
    """Both are asked, so that the page shows all that is wrong at once."""
    return bool(all_valid(formsets)) & bool(form.is_valid())


def _reverse_name(formset: PartFormSet) -> str:
    name: str = formset.fk.remote_field.get_accessor_name()
    return name


def _title(text: Any) -> str:
    words = str(text)
    return words[:1].upper() + words[1:]


def _typed(form: BaseForm, obj: Any) -> list[tuple[str, str, str]]:
    """(label, what the record holds now, what was typed) for the fields that differ."""
    told = []
    for name in form.changed_data:
        field = form.fields[name]
        now = getattr(obj, name, "")
        shown = getattr(obj, f"get_{name}_display", lambda now=now: now)()
        typed: Any = form.cleaned_data.get(name, form.data.get(name, ""))
        choices = dict(getattr(field, "choices", ()) or ()) if isinstance(typed, str) else {}
        words = choices.get(typed, typed) if choices else typed
        told.append((str(field.label), _as_text(shown), _as_text(words)))
    return told


def _as_text(value: Any) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return display.local(value) if hasattr(value, "astimezone") else str(value)
