"""The tables of the index: every column with its type and meaning, in one place.

The index, `kb sql` and the manual read this. Names are stable. Rules that hold for all tables:

- A value that the record does not give is NULL, never 0 and never an empty text. Where the record says why, the column
  `<name>_absence` holds the kind (`not-reported`, `not-in-what-was-read`, ...); otherwise that column is NULL. A field
  that a kind of row does not have is absent as `not-applicable`.
- `<name>_printed` holds the print (`36+`, `<0.01`), `<name>` the number to compute with.
- Several values in one column are joined by `; `; the link tables hold them one a row.
- Truth values are 0 and 1. Percentages run from 0 to 100.
"""

from __future__ import annotations

from dataclasses import dataclass

JOINER = "; "
"""What stands between several values in one column."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: name, SQLite type with constraints, meaning for readers."""

    name: str
    type: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table: name, columns, primary key, further indexes, meaning.

    Attributes:
        name: Name in SQL.
        meaning: What one row is.
        columns: Columns in order.
        key: Columns of the primary key; empty for a table that is found by its row number.
        indexes: Further indexes, each a tuple of columns.
    """

    name: str
    meaning: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    indexes: tuple[tuple[str, ...], ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns, in order."""
        return tuple(column.name for column in self.columns)

    @property
    def ddl(self) -> tuple[str, ...]:
        """Statements that create the table and its indexes."""
        lines = [f"{column.name} {column.type}" for column in self.columns]
        if self.key:
            lines.append(f"PRIMARY KEY ({', '.join(self.key)})")
        tail = "STRICT, WITHOUT ROWID" if self.key else "STRICT"
        table = f"CREATE TABLE {self.name} ({', '.join(lines)}) {tail}"
        return (
            table,
            *(f"CREATE INDEX {self.name}_{'_'.join(columns)} ON {self.name} ({', '.join(columns)})" for columns in self.indexes),
        )

    @property
    def insert(self) -> str:
        """Statement that puts in one row, one `?` a column."""
        return f"INSERT INTO {self.name} VALUES ({', '.join('?' * len(self.columns))})"


_T, _I, _R = "TEXT", "INTEGER", "REAL"
_TN, _IN = "TEXT NOT NULL", "INTEGER NOT NULL"


def _columns(*rows: tuple[str, str, str]) -> tuple[Column, ...]:
    return tuple(Column(*row) for row in rows)


def _absent(name: str, kind: str, meaning: str) -> tuple[tuple[str, str, str], tuple[str, str, str]]:
    return (name, kind, meaning), (f"{name}_absence", _T, f"why {name} is not there")


_HEAD = (
    ("study_id", _TN, "study of the row"),
    ("item_id", _TN, "id within the study; `study#item` names it"),
    ("position", _IN, "place among its kind in the record, from 0"),
    ("file", _TN, "file of the record, relative to the collection"),
    ("line", _IN, "line of the item in that file, from 1"),
)
_POPULATION = (
    ("population", _T, "id of the population that the row hangs on"),
    ("population_label", _T, "population in words: its own label, or basis and diseases"),
    *_absent("population_n", _I, "patients of the population"),
    ("population_basis", _T, "what the denominator counts (treated, evaluable, ...)"),
    ("conditions", _T, "ids of the population's diseases, inherited ones included"),
    ("arms", _T, "ids of the arms that the row speaks of"),
)
_SOURCE = (
    ("report", _T, "id of the report that the fact stands in"),
    ("report_read", _T, "how much of that report was read"),
    ("at", _T, "place in the report"),
    ("anchor", _T, "at most eight words of the source that hold the figure"),
    ("derived", _T, "how a number that is not printed was obtained"),
    ("also", _T, "further places that the fact rests on"),
)
_COMPARISON = (
    ("comparison", _T, "what sort of comparison it is"),
    ("comparison_arms", _T, "arms of the first side"),
    ("versus_arms", _T, "arms of the other side"),
    ("versus_population", _T, "population of the other side"),
    ("versus_text", _T, "the other side in words"),
    ("differs", _T, "what differs between the sides"),
)
_INTERVAL = (
    ("interval_low", _R, "lower bound of the interval, in the unit of what it belongs to"),
    ("interval_high", _R, "upper bound of the interval"),
    ("interval_low_printed", _T, "lower bound as printed"),
    ("interval_high_printed", _T, "upper bound as printed"),
    ("interval_level", _R, "confidence level in percent; NULL when the source does not say"),
    ("interval_half_width", _R, "half of the width, where the source prints `23 +/- 17.5`"),
    ("interval_not_reached", _I, "whether a missing bound is printed as not reached"),
)
_PROPORTION = (
    ("events", _I, "patients (or what `count_of` says) with the event"),
    ("total", _I, "denominator"),
    ("percent", _R, "printed percentage"),
    ("percent_printed", _T, "percentage as printed"),
)
_RESULT = (
    ("result", _T, "kind of result: proportion, time-to-event, contrast, count, continuous, statement"),
    *_PROPORTION,
    ("measure", _T, "what the estimate is: effect measure of a contrast, statistic of a continuous value"),
    ("estimate", _R, "estimate of a contrast, value of a continuous result, number of a count"),
    ("estimate_printed", _T, "estimate as printed"),
    ("median", _R, "median time"),
    ("median_printed", _T, "median as printed, such as `35+`"),
    ("median_not_reached", _I, "whether the median is printed as not reached"),
    ("mean", _R, "mean time"),
    ("mean_printed", _T, "mean as printed"),
    ("unit", _T, "unit of median, mean, times, estimate or range"),
    *_INTERVAL,
    ("range_low", _R, "lowest value or lower quartile"),
    ("range_high", _R, "highest value or upper quartile"),
    ("range_low_printed", _T, "lowest value as printed"),
    ("range_high_printed", _T, "highest value as printed"),
    ("range_quartiles", _I, "whether the range is between quartiles"),
    ("sd", _R, "standard deviation"),
    ("se", _R, "standard error"),
    ("times", _T, "single patients' times as printed"),
    ("clock", _T, "what a time counts from"),
    ("result_n", _I, "patients measured for a continuous value"),
    ("p", _R, "P value as a number; NULL for NS"),
    ("p_printed", _T, "P value as printed, with its operator"),
    ("p_operator", _T, "operator of the P value: empty, <, <=, >, >=, ~ or NS"),
    ("alpha", _R, "level of significance allotted to the test"),
    ("test", _T, "name of the test"),
    ("sides", _I, "one- or two-sided"),
    ("result_adjusted_for", _T, "factors of the model"),
    ("says", _T, "what a statement or contrast says of the first group"),
    ("result_text", _T, "the result in words"),
)
_ITEM_TAIL = (
    ("flags", _T, "threats to validity of this item"),
    ("note", _T, "remark of the curators"),
)

STUDIES = Table(
    "studies",
    "one study",
    _columns(
        ("study_no", "INTEGER PRIMARY KEY", "number of the study in this index; not permanent, only for joins with the text search"),
        ("study_id", "TEXT NOT NULL UNIQUE", "permanent id"),
        ("label", _TN, "first author and year"),
        ("title", _TN, "title of the main report"),
        *_absent("authors", _T, "authors of the main report"),
        ("year", _IN, "year of the main report"),
        ("journal", _T, "journal of the main report"),
        ("doi", _T, "DOI of the main report"),
        ("pmid", _T, "PubMed id of the main report"),
        ("registry", _T, "trial registrations"),
        ("reports", _IN, "number of reports"),
        ("report_read", _TN, "how much of the main report was read"),
        ("retracted", _IN, "whether a report of the study has been retracted"),
        ("status", _TN, "how far the record has come"),
        ("withdrawn_reason", _T, "why the record was withdrawn"),
        ("replaced_by", _T, "study that replaces a withdrawn one"),
        ("formerly", _T, "earlier ids"),
        ("design", _TN, "kind of study"),
        ("allocation", _TN, "how patients came into their arms"),
        *_absent("phase", _T, "trial phase"),
        *_absent("masking", _T, "masking"),
        *_absent("control", _T, "what is compared"),
        *_absent("setting", _T, "where in the disease"),
        *_absent("sampling", _T, "how the patients were chosen"),
        *_absent("stopping", _T, "how it ended"),
        *_absent("centres", _T, "single or multi"),
        ("centres_n", _I, "number of centres"),
        *_absent("enrolment_start", _T, "first enrolment"),
        *_absent("enrolment_end", _T, "last enrolment"),
        ("repeat_patients", _IN, "whether a patient may be counted in more than one arm"),
        ("compared", _T, "what the arms differ in"),
        *_absent("n", _I, "patients of the first population"),
        ("basis", _TN, "what the first population counts"),
        ("conditions", _T, "ids of the diseases of all populations"),
        ("condition_labels", _T, "labels of these diseases"),
        ("agents", _T, "ids of the agents of all arms, supportive drugs left out"),
        ("routes", _T, "ids of the routes of these agents"),
        ("regimen_classes", _T, "classes of the arms' regimens"),
        ("arms", _IN, "number of arms"),
        ("findings", _IN, "number of immune findings"),
        ("outcomes", _IN, "number of outcomes"),
        ("adverse_events", _IN, "number of adverse events"),
        ("claims", _IN, "number of claims"),
        ("flags", _T, "threats to validity of the whole study"),
        ("grade", _T, "GRADE certainty, where a person judged it"),
        ("note", _T, "remark on the design"),
        ("cohort_id", _TN, "smallest study id among those that share patients, certainly or probably"),
        ("cohort_certain_id", _TN, "the same over certain overlaps alone"),
        ("file", _TN, "file of the record, relative to the collection"),
        ("line", _IN, "line of the record's id"),
    ),
    indexes=(("cohort_id",), ("year",)),
)
REPORTS = Table(
    "reports",
    "one publication of a study",
    _columns(
        *_HEAD,
        ("read", _TN, "how much was read"),
        ("kind", _TN, "what sort of publication"),
        ("title", _TN, "title"),
        *_absent("authors", _T, "authors"),
        ("et_al", _IN, "whether the list of authors goes on"),
        ("year", _IN, "year"),
        ("journal", _T, "journal, series or meeting"),
        ("volume", _T, "volume"),
        ("issue", _T, "issue"),
        ("pages", _T, "pages"),
        ("doi", _T, "DOI"),
        ("pmid", _T, "PubMed id"),
        ("pmcid", _T, "PubMed Central id"),
        ("urls", _T, "pages of the publisher or a repository"),
        ("data_cut", _T, "data cut that it gives"),
        ("supersedes", _T, "earlier report that it replaces"),
        ("retracted", _IN, "whether it has been retracted"),
        ("note", _T, "remark on the print or copy"),
    ),
    key=("study_id", "item_id"),
)
ARMS = Table(
    "arms",
    "one treatment group",
    _columns(
        *_HEAD,
        ("label", _TN, "name of the arm"),
        *_absent("n", _I, "patients assigned"),
        ("regimen_class", _TN, "class of the regimen, by rules over its components"),
        ("agents", _T, "ids of its agents, supportive drugs left out"),
        ("routes", _T, "ids of the routes of these agents"),
        ("doses", _T, "doses as printed, each after its agent"),
        ("schedules", _T, "schedules as printed, each after its agent"),
        ("phases", _T, "phases of the regimen"),
        ("settings", _T, "where the phases are given"),
        ("accrual", _T, "how recruitment departed from that of the other arms"),
        ("conditions", _T, "ids of the diseases of the populations that it belongs to"),
        ("delivered", _T, "what of the plan was given"),
        ("note", _T, "remark"),
    ),
    key=("study_id", "item_id"),
    indexes=(("regimen_class",),),
)


def _amounts(name: str, words: str) -> tuple[tuple[str, str, str], ...]:
    return (
        (f"{name}_low", _R, f"planned amount {words} in the base unit of `dose_family`, lower one of a range"),
        (f"{name}_high", _R, f"planned amount {words}, upper one of a range"),
        (f"{name}_iu", _R, f"upper amount {words} in IU, where a sourced factor exists"),
    )


COMPONENTS = Table(
    "components",
    "one agent, cell product or procedure in one phase of an arm",
    _columns(
        ("study_id", _TN, "study of the row"),
        ("arm", _TN, "arm"),
        ("phase_no", _IN, "place of the phase in the regimen, from 0"),
        ("component_no", _IN, "place in the phase, from 0"),
        ("file", _TN, "file of the record"),
        ("line", _IN, "line of the arm"),
        ("phase", _TN, "which part of the regimen"),
        ("phase_label", _T, "name of the phase as printed"),
        *_absent("phase_setting", _T, "where the phase is given"),
        ("phase_starts_day", _I, "day of treatment on which the phase starts"),
        ("phase_when", _TN, "to whom the phase is given"),
        ("agent", _TN, "agent"),
        ("agent_label", _TN, "label of the agent"),
        ("agent_class", _T, "class of the agent"),
        ("role", _TN, "what it is there for"),
        ("printed", _T, "agent as printed"),
        ("product", _T, "maker or preparation"),
        *_absent("route", _T, "route"),
        ("mode", _T, "infusion mode of the route"),
        ("dose_printed", _T, "dose as printed"),
        ("dose_absence", _T, "why the dose is not there"),
        ("dose_low", _R, "amount in the base unit of `dose_family`, lower one of a range"),
        ("dose_high", _R, "upper amount"),
        ("dose_family", _T, "family of units"),
        ("dose_body", _T, "what the dose is scaled by"),
        ("dose_per", _T, "time or event that the amount belongs to"),
        ("dose_assumed", _I, "whether the unit was completed from elsewhere in the source"),
        *_amounts("per_dose", "of one administration"),
        *_amounts("per_day", "of one dosing day"),
        *_amounts("per_cycle", "of one cycle"),
        *_amounts("cumulative", "of all planned cycles"),
        *_absent("schedule", _T, "schedule as printed"),
        ("days", _T, "days of the cycle"),
        ("days_per_week", _R, "days a week"),
        ("weeks", _T, "weeks of the cycle"),
        ("times_per_day", _R, "administrations on each dosing day"),
        ("infusion_hours", _R, "hours of infusion"),
        ("max_doses", _I, "largest number of doses in a cycle"),
        ("cycle_days", _R, "length of a cycle in days"),
        ("cycles", _I, "planned number of cycles, smaller one of a range"),
        ("cycles_max", _I, "largest planned number of cycles"),
        ("until", _T, "stop rule"),
        ("given", _T, "to whom the component is given"),
        ("note", _T, "remark"),
    ),
    key=("study_id", "arm", "phase_no", "component_no"),
    indexes=(("agent",), ("route",)),
)
POPULATIONS = Table(
    "populations",
    "one named denominator",
    _columns(
        *_HEAD,
        ("label", _TN, "its label, or basis and diseases"),
        *_absent("n", _I, "patients"),
        ("basis", _TN, "what it counts"),
        ("arms", _T, "ids of the arms that it covers, inherited ones included"),
        ("conditions", _T, "ids of its diseases, inherited ones included"),
        ("within", _T, "population that it is part of"),
        ("age_median", _R, "median age in years"),
        ("age_mean", _R, "mean age in years"),
        ("age_range", _T, "range of ages"),
        ("male", _I, "men"),
        ("female", _I, "women"),
        ("performance_status", _T, "performance status as printed"),
        ("stage", _T, "stage or risk group"),
        ("prior_therapy", _T, "earlier treatment"),
        ("other", _T, "anything else that the source tells"),
        ("note", _T, "remark"),
    ),
    key=("study_id", "item_id"),
)
FINDINGS = Table(
    "findings",
    "one immune finding: level, change, contrast or association",
    _columns(
        *_HEAD,
        ("kind", _TN, "level, change, contrast or association"),
        ("biomarker", _TN, "marker"),
        ("biomarker_label", _TN, "label of the marker"),
        ("marker_class", _T, "what sort of marker it is"),
        ("marker_role", _T, "what a rise of it stands for"),
        ("marker_measure", _T, "what is measured of it"),
        ("printed", _T, "marker as printed"),
        ("detail", _T, "subset, stimulus, target or cut-off"),
        *_absent("compartment", _T, "where it was measured"),
        *_absent("timepoint", _T, "when it was measured"),
        ("timepoint_text", _T, "the time as printed"),
        ("from_start", _T, "time from the start of treatment"),
        ("after_dose", _T, "time from the last dose"),
        *_absent("assay", _T, "assay"),
        *_POPULATION,
        *_absent("n", _I, "patients with the marker measured"),
        *_absent("direction", _T, "how the marker moved, or how the first group lies"),
        ("versus", _T, "what a change is measured against"),
        ("magnitude", _T, "size of the change in words"),
        ("only_in", _T, "group in which alone it changed"),
        ("dose_dependent", _I, "whether the source calls it dose-dependent"),
        ("endpoint", _T, "endpoint that it was set against"),
        ("endpoint_label", _T, "label of the endpoint"),
        ("endpoint_printed", _T, "endpoint as printed"),
        ("other_marker", _T, "marker that it was set against"),
        ("adverse_event", _T, "adverse event that it was set against"),
        *_absent("association", _T, "how a high value goes with more of the endpoint"),
        ("basis", _T, "what a `none` rests on"),
        *_absent("adjustment", _T, "whether it was adjusted"),
        ("adjusted_for", _T, "what it was adjusted for"),
        *_COMPARISON,
        *_RESULT,
        *_ITEM_TAIL,
        *_SOURCE,
    ),
    key=("study_id", "item_id"),
    indexes=(("biomarker",), ("endpoint",)),
)
OUTCOMES = Table(
    "outcomes",
    "one result on one endpoint in one population",
    _columns(
        *_HEAD,
        ("endpoint", _TN, "endpoint or grade of response"),
        ("endpoint_label", _TN, "label of the endpoint"),
        ("endpoint_kind", _T, "what sort of outcome it is"),
        ("favours", _T, "which way it is good for the patient"),
        ("printed", _T, "endpoint as printed"),
        *_absent("criteria", _T, "response criteria"),
        *_absent("assessor", _T, "who judged"),
        ("confirmed", _I, "whether responses were confirmed"),
        ("count_of", _TN, "what the events count"),
        ("site", _T, "organ or kind of lesion that is judged"),
        ("timepoint", _T, "when it was assessed"),
        ("data_cut", _T, "date or follow-up of the data cut"),
        ("follow_up", _T, "length of follow-up"),
        *_POPULATION,
        *_COMPARISON,
        *_RESULT,
        *_ITEM_TAIL,
        *_SOURCE,
    ),
    key=("study_id", "item_id"),
    indexes=(("endpoint",),),
)
ADVERSE_EVENTS = Table(
    "adverse_events",
    "one adverse event in one population",
    _columns(
        *_HEAD,
        ("term", _TN, "event"),
        ("term_label", _TN, "label of the event"),
        ("organ", _T, "organ system"),
        ("printed", _TN, "event as printed"),
        ("grade", _T, "grade or range of grades"),
        *_absent("scale", _T, "scale of the grade"),
        ("related", _I, "whether the source calls it treatment-related"),
        *_POPULATION,
        *_PROPORTION,
        *_INTERVAL,
        ("count_of", _TN, "what the events count"),
        ("says", _TN, "what is said where no number is printed"),
        *_COMPARISON,
        *_ITEM_TAIL,
        *_SOURCE,
    ),
    key=("study_id", "item_id"),
    indexes=(("term",),),
)
CLAIMS = Table(
    "claims",
    "one conclusion of the authors",
    _columns(
        *_HEAD,
        ("subject_kind", _TN, "agent, arm, biomarker, endpoint, condition, adverse_event or text"),
        ("subject", _TN, "what the claim is about: an id, or words"),
        ("subject_label", _TN, "the subject in words"),
        ("relation", _TN, "what links subject and object"),
        ("object_kind", _TN, "as `subject_kind`"),
        ("object", _TN, "what it is said of: an id, or words"),
        ("object_label", _TN, "the object in words"),
        ("polarity", _TN, "whether the study's own results support it"),
        ("summary", _TN, "the conclusion in the curators' words"),
        ("scope", _T, "other limits"),
        ("populations", _T, "ids of the populations that it is limited to"),
        ("conditions", _T, "ids of its diseases: those named, those of its populations, or all of the study"),
        ("arms", _T, "ids of the arms that it speaks of: those named, those of its populations, or all of the study"),
        ("rests_on", _T, "ids of the items that it rests on"),
        ("flags", _T, "threats to validity of the claim"),
        *_SOURCE,
    ),
    key=("study_id", "item_id"),
)
CITED = Table(
    "cited",
    "one number of other studies that the paper repeats; never a result of this study",
    _columns(
        *_HEAD,
        ("endpoint", _TN, "endpoint"),
        ("conditions", _T, "ids of the diseases"),
        ("agents", _T, "ids of the agents"),
        ("studies", _I, "number of studies put together"),
        ("patients", _I, "number of their patients"),
        ("whose", _TN, "whose numbers these are"),
        *_RESULT,
        ("note", _T, "remark of the curators"),
        *_SOURCE,
    ),
    key=("study_id", "item_id"),
)
LANDMARKS = Table(
    "landmarks",
    "one share at a point in time, of a time-to-event result",
    _columns(
        ("study_id", _TN, "study of the row"),
        ("kind", _TN, "table of the item"),
        ("item_id", _TN, "outcome, finding or cited number that it belongs to"),
        ("landmark_no", _IN, "place in the list, from 0"),
        ("at", _R, "time"),
        ("at_printed", _TN, "time as printed"),
        ("unit", _TN, "unit of the time"),
        *_PROPORTION,
        *_INTERVAL,
    ),
    key=("study_id", "kind", "item_id", "landmark_no"),
)
GROUP_VALUES = Table(
    "group_values",
    "one group's value in a comparison of groups",
    _columns(
        ("study_id", _TN, "study of the row"),
        ("kind", _TN, "table of the item"),
        ("item_id", _TN, "outcome, finding or cited number that it belongs to"),
        ("group_no", _IN, "place in the list, from 0"),
        ("name", _TN, "name of the group"),
        ("population", _T, "population that it is"),
        ("n", _I, "patients in the group"),
        ("events", _I, "patients of the group with the feature"),
        ("value", _R, "value"),
        ("value_printed", _T, "value as printed"),
        ("before", _R, "value before treatment"),
        ("before_printed", _T, "value before treatment, as printed"),
        ("after", _R, "value during or after treatment"),
        ("after_printed", _T, "value during or after treatment, as printed"),
        ("sd", _R, "standard deviation"),
        ("se", _R, "standard error"),
        ("range_low", _R, "lowest value or lower quartile"),
        ("range_high", _R, "highest value or upper quartile"),
        ("range_quartiles", _I, "whether the range is between quartiles"),
        ("direction", _T, "which way the marker moved in the group"),
        ("unit", _T, "unit as printed"),
        ("text", _T, "what is said of the group without a number"),
    ),
    key=("study_id", "kind", "item_id", "group_no"),
)
OVERLAPS = Table(
    "overlaps",
    "one declared overlap of patients with another study",
    _columns(
        ("study_id", _TN, "study that declares it"),
        ("overlap_no", _IN, "place in the list, from 0"),
        ("other_id", _TN, "the other study; it may be missing from the collection"),
        ("relation", _TN, "how the patients relate, read from this study to the other"),
        ("certainty", _TN, "certain or probable"),
        ("reason", _TN, "why it is thought so"),
        ("file", _TN, "file of the record"),
        ("line", _IN, "line of the list of overlaps"),
    ),
    key=("study_id", "overlap_no"),
)
FLAGS = Table(
    "flags",
    "one threat to validity of a study or an item",
    _columns(
        ("study_id", _TN, "study of the row"),
        ("flag_no", _IN, "place among the study's flags, from 0"),
        ("item_id", _T, "item that it touches; NULL for the whole study"),
        ("flag", _TN, "which threat"),
        ("label", _TN, "the threat in words"),
        ("reason", _T, "why it is raised; NULL for a flag on the item itself"),
    ),
    key=("study_id", "flag_no"),
)
AMBIGUITIES = Table(
    "ambiguities",
    "one place of a record that can be read two ways or is printed wrong; one row a field that it touches",
    _columns(
        ("study_id", _TN, "study of the row"),
        ("ambiguity_no", _IN, "place in the list, from 0"),
        ("about_no", _IN, "place among the fields that it touches, from 0"),
        ("kind", _TN, "why it cannot be taken at face value"),
        ("about", _TN, "path in the record, or `study`"),
        ("item_id", _T, "item in that path, if any"),
        ("text", _TN, "what is unclear and how it was read"),
        ("file", _TN, "file of the record"),
        ("line", _IN, "line of the list of ambiguities"),
    ),
    key=("study_id", "ambiguity_no", "about_no"),
)
ITEM_ARMS = Table(
    "item_arms",
    "an arm that an item speaks of; items are findings, outcomes, adverse events, claims and populations",
    _columns(
        ("study_id", _TN, "study"), ("item_id", _TN, "item"), ("kind", _TN, "table of the item"), ("arm", _TN, "arm"),
    ),
    key=("study_id", "kind", "item_id", "arm"),
)  # fmt: skip
ITEM_CONDITIONS = Table(
    "item_conditions",
    "a disease of an item's population; items are findings, outcomes, adverse events, claims, populations and arms",
    _columns(
        ("study_id", _TN, "study"), ("item_id", _TN, "item"), ("kind", _TN, "table of the item"), ("condition", _TN, "disease"),
    ),
    key=("study_id", "kind", "item_id", "condition"),
    indexes=(("condition",),),
)  # fmt: skip

STUDY_TABLES: tuple[Table, ...] = (
    STUDIES, REPORTS, ARMS, COMPONENTS, POPULATIONS, FINDINGS, OUTCOMES, ADVERSE_EVENTS, CLAIMS, CITED,
    LANDMARKS, GROUP_VALUES, OVERLAPS, FLAGS, AMBIGUITIES, ITEM_ARMS, ITEM_CONDITIONS,
)  # fmt: skip
"""Tables with rows of one study each."""

TERMS = Table(
    "terms",
    "one vocabulary term",
    _columns(
        ("kind", _TN, "vocabulary: agents, biomarkers, conditions, ..."),
        ("id", _TN, "permanent id"),
        ("label", _TN, "preferred words"),
        ("synonyms", _T, "other spellings"),
        ("broader", _T, "more general terms"),
        ("curies", _T, "verified identifiers that mean the same"),
        ("class", _T, "class of an agent or marker, kind of an endpoint, mode of a route, family of a unit, organ of an event"),
        ("role", _T, "what a rise of a marker stands for"),
        ("measure", _T, "what is measured of a marker"),
        ("favours", _T, "which way an endpoint is good for the patient"),
        ("includes", _T, "grades that add up to an endpoint, or members of a named combination"),
        ("note", _T, "when to use it"),
    ),
    key=("kind", "id"),
)
NAMES = Table(
    "names",
    "one spelling of a vocabulary term: id, label or synonym",
    _columns(
        ("kind", _TN, "vocabulary"),
        ("name", _TN, "spelling without case"),
        ("id", _TN, "term"),
    ),
    key=("kind", "name"),
)
CLOSURE = Table(
    "closure",
    "a term and one that it covers; every term covers itself",
    _columns(
        ("kind", _TN, "vocabulary"),
        ("ancestor", _TN, "the more general term"),
        ("descendant", _TN, "the term that it covers"),
    ),
    key=("kind", "ancestor", "descendant"),
)
FACTORS = Table(
    "factors",
    "a sourced factor between two families of units",
    _columns(
        ("source_family", _TN, "family that it converts from"),
        ("target_family", _TN, "family that it converts to"),
        ("factor", "REAL NOT NULL", "base units of the target in one base unit of the source"),
        ("source", _TN, "page or paper that states it"),
    ),
    key=("source_family", "target_family"),
)
VOCABULARY_TABLES: tuple[Table, ...] = (TERMS, NAMES, CLOSURE, FACTORS)
"""Tables of the vocabulary."""

FILES = Table(
    "files",
    "one file that the index was made from",
    _columns(
        ("path", _TN, "file, relative to the collection"),
        ("size", _IN, "bytes"),
        ("mtime_ns", _IN, "time of the last change when it was read; -1 when it must be read again to be sure"),
        ("sha256", _TN, "hash of the bytes; empty when they could not be read"),
        ("study_id", _T, "study that the file holds; NULL for vocabulary and for what could not be read"),
        ("problem", _T, "why it was left out: place, code and message of the first error"),
    ),
    key=("path",),
)
META = Table("meta", "a fact about the index", _columns(("key", _TN, "name"), ("value", _TN, "value")), key=("key",))

SEARCH_COLUMNS: tuple[tuple[str, str], ...] = (
    ("label", "first author, year and id"),
    ("title", "titles of the reports"),
    ("authors", "authors of the reports"),
    ("ids", "PMID, DOI, PMCID and trial registrations"),
    ("agents", "agents with their synonyms, and as printed"),
    ("conditions", "diseases with their synonyms"),
    ("biomarkers", "markers with their synonyms, and as printed"),
    ("endpoints", "endpoints and adverse events with their synonyms, and as printed"),
    ("summaries", "claims, labels of arms and populations, results in words"),
    ("notes", "notes and ambiguities"),
)
"""Columns of the full-text table `search`; its row number is `studies.study_no`."""

SEARCH_DDL = (
    f"CREATE VIRTUAL TABLE search USING fts5({', '.join(name for name, _ in SEARCH_COLUMNS)}, "
    "tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3')"
)

ALL_TABLES: tuple[Table, ...] = (META, FILES, *VOCABULARY_TABLES, *STUDY_TABLES)
DDL: tuple[str, ...] = (*(statement for table in ALL_TABLES for statement in table.ddl), SEARCH_DDL)
"""Every statement that makes an empty index, in order."""
