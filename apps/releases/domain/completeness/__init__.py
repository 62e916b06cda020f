"""What is missing in a scope and its plan: the rules, in the order in which people read them."""

from apps.releases.domain.completeness.activation import RefreshedInCics, RefreshedLookaside
from apps.releases.domain.completeness.batch import (
    DefinedDataSets,
    ForecastElapsed,
    LoadedSchedule,
    NewJobParts,
)
from apps.releases.domain.completeness.built import (
    ProgramsOfMap,
    RecompiledPrograms,
    StaticCallers,
)
from apps.releases.domain.completeness.data import ConvertedData, ToldPartner
from apps.releases.domain.completeness.db2 import BoundPrograms, PackagesOfTable
from apps.releases.domain.completeness.ims import GeneratedPsbs
from apps.releases.domain.completeness.plan import CheckedServices, NamedPeople, WayBack
from apps.releases.domain.completeness.rule import Rule

RULES: tuple[Rule, ...] = (
    RecompiledPrograms(),
    StaticCallers(),
    BoundPrograms(),
    PackagesOfTable(),
    RefreshedInCics(),
    ProgramsOfMap(),
    RefreshedLookaside(),
    NewJobParts(),
    DefinedDataSets(),
    ConvertedData(),
    GeneratedPsbs(),
    ToldPartner(),
    LoadedSchedule(),
    WayBack(),
    CheckedServices(),
    NamedPeople(),
    ForecastElapsed(),
)
