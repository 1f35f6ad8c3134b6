"""Closed sets: the terms that code reasons about, one row a term.

Each member carries the label for readers and the CURIE for the graph; the schema, RDF, pages and command-line choices
are read from here. A term without a verified CURIE has one of ours (`kb:`, set and value), never a guess.
This module imports nothing heavy: readers use it without pydantic.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue
    from pydantic_core import CoreSchema


class ClosedSet(StrEnum):
    """A closed set of terms.

    Attributes:
        label: Words for readers.
        curie: Identifier in the graph.
        note: When to use it, for hover text; may be empty.
    """

    label: str
    curie: str
    note: str

    def __new__(cls, value: str, label: str, curie: str = "", note: str = "") -> ClosedSet:
        """Make a member from its row: value, label, CURIE or nothing, note or nothing."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        # The set's name keeps "registry" the report apart from "registry" the design.
        member.curie = curie or f"kb:{cls.__name__}-{value}"
        member.note = note
        return member

    @classmethod
    def __get_pydantic_core_schema__(cls, source: type[Any], handler: GetCoreSchemaHandler) -> CoreSchema:
        """Validate by one look into a table, with the errors of an enum.

        An enum asks its class before it says no, ten times slower; and no is the usual answer where a value may be absent.
        """
        from pydantic_core import core_schema

        *others, last = [repr(term.value) for term in cls]
        expected = f"{', '.join(others)} or {last}" if others else last
        return core_schema.custom_error_schema(
            core_schema.literal_schema(list(cls)),
            "enum",
            custom_error_context={"expected": expected},
            ref=f"{cls.__module__}.{cls.__qualname__}:{id(cls)}",
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Describe the set as the enum that it is."""
        from pydantic_core import core_schema

        return handler(core_schema.enum_schema(cls, list(cls)))


class Absence(ClosedSet):
    """Why a value is not there. A blank is never a zero and never a "no"."""

    NOT_REPORTED = "not-reported", "not reported", "", "the whole source was read and does not say"
    NOT_IN_WHAT_WAS_READ = "not-in-what-was-read", "not in what was read", "", "the part of the source that was read does not say"
    NOT_MEASURED = "not-measured", "not measured", "", "the source says that it was not measured"
    UNCLEAR = "unclear", "unclear in the source", "", "the source says something that cannot be read with confidence"
    CONTRADICTORY = "contradictory", "contradictory in the source", "", "the source gives two values that exclude each other"
    NOT_APPLICABLE = "not-applicable", "does not apply", "", "the field has no meaning here"


class Read(ClosedSet):
    """How much of a report was read."""

    FULL_TEXT = "full-text", "full text"
    ABSTRACT = "abstract", "abstract"
    ABSTRACT_CUT = "abstract-cut", "abstract, cut off"
    SECONDARY = "secondary", "secondary source", "", "a commentary, citation, compiled report or registry copy was read, not the report"


class ReportKind(ClosedSet):
    """What sort of publication a report is."""

    ARTICLE = "article", "journal article"
    MEETING_ABSTRACT = "meeting-abstract", "meeting abstract"
    REGISTRY = "registry", "registry record"
    PREPRINT = "preprint", "preprint"
    THESIS = "thesis", "thesis"
    NEWS = "news", "press release or news"
    OTHER = "other", "other document"


class OverlapRelation(ClosedSet):
    """How this study's patients relate to another study's, read from this study to the other."""

    SAME_COHORT_EARLIER = "same-cohort-earlier-cut", "same cohort, the other is the earlier data cut"
    SAME_COHORT_LATER = "same-cohort-later-cut", "same cohort, the other is the later data cut"
    SAME_TRIAL = "same-trial", "same trial, other report"
    NESTED_IN = "nested-in", "nested in the other"
    CONTAINS = "contains", "contains the other"
    SHARES_PATIENTS = "shares-patients", "shares patients"

    @property
    def inverse(self) -> OverlapRelation:
        """The relation as the other study must state it."""
        pairs = {
            OverlapRelation.SAME_COHORT_EARLIER: OverlapRelation.SAME_COHORT_LATER,
            OverlapRelation.NESTED_IN: OverlapRelation.CONTAINS,
        }
        both_ways = {**pairs, **{value: key for key, value in pairs.items()}}
        return both_ways.get(self, self)


class Certainty(ClosedSet):
    """How sure an overlap is."""

    CERTAIN = "certain", "certain"
    PROBABLE = "probable", "probable"


class DesignType(ClosedSet):
    """What kind of study it is."""

    CLINICAL_TRIAL = "clinical-trial", "clinical trial", "OBI:0003699"
    COHORT = "cohort", "cohort study", "NCIT:C15208"
    RETROSPECTIVE = "retrospective", "retrospective study", "NCIT:C53312"
    CASE_CONTROL = "case-control", "case-control study", "NCIT:C15197"
    CASE_SERIES = "case-series", "case series", "OBI:0002674"
    BIOMARKER = "biomarker-study", "biomarker study of treated patients", "", "patients of one or more protocols studied for markers"
    POOLED = "pooled-analysis", "pooled analysis of several trials"
    META_ANALYSIS = "meta-analysis", "meta-analysis", "STATO:0000155"
    REGISTRY = "registry", "treatment registry"


class Allocation(ClosedSet):
    """How patients came into their arms."""

    SINGLE_ARM = "single-arm", "single arm", "NCIT:C82640"
    RANDOMISED = "randomised", "randomised", "SEVCO:01003"
    PARTLY_RANDOMISED = "partly-randomised", "first part randomised, then assigned"
    RANDOMISED_ARM_ADDED = (
        "randomised-arm-added",
        "randomised, an arm added later",
        "",
        "the later arm is comparable with concurrent patients only",
    )
    ALTERNATE = "alternate", "alternate allocation"
    TWO_REGIMENS = "two-regimens-not-randomised", "two or more regimens, not randomised", "OBI:0004002"
    PARALLEL_TRIALS = "parallel-trials", "parallel trials in one report"
    DOSE_ESCALATION = "dose-escalation", "dose escalation cohorts"
    NONE = "not-allocated", "no allocation", "", "patients are observed or pooled, not assigned"


class Phase(ClosedSet):
    """Trial phase as printed."""

    I = "1", "phase 1", "NCIT:C15600"  # noqa: E741 - the field's own name for it
    I_II = "1/2", "phase 1/2", "NCIT:C15693"
    II = "2", "phase 2", "NCIT:C15601"
    II_III = "2/3", "phase 2/3", "NCIT:C15694"
    III = "3", "phase 3", "NCIT:C15602"
    IV = "4", "phase 4"


class Masking(ClosedSet):
    """Who did not know the treatment."""

    OPEN = "open-label", "open label", "NCIT:C49659"
    OPEN_BLINDED_REVIEW = "open-label-blinded-review", "open label, response reviewed blind"
    SINGLE = "single-blind", "single blind", "NCIT:C28233"
    DOUBLE = "double-blind", "double blind", "NCIT:C15228"
    ASSESSOR = "blinded-assessor", "assessor of the marker blinded"


class Control(ClosedSet):
    """What the study treatment is compared with."""

    NONE = "none", "none"
    ACTIVE = "active", "active treatment"
    ADD_ON = "add-on", "the same treatment without the added agent"
    DOSE = "dose-comparison", "another dose, route or timing of the same agent"
    PLACEBO = "placebo", "placebo"
    NO_TREATMENT = "no-treatment", "observation or supportive care"
    HISTORICAL = "historical", "historical control"
    INTERNAL = "internal", "patients with another marker state or outcome"


class DiseaseSetting(ClosedSet):
    """Where in the disease the treatment stands; it decides whether response can be measured."""

    METASTATIC = "metastatic", "advanced or metastatic disease", "NCIT:C124452"
    LOCAL = "localised", "localised or superficial disease"
    ADJUVANT = "adjuvant", "adjuvant", "NCIT:C124450"
    NEOADJUVANT = "neoadjuvant", "before surgery"
    REMISSION = "remission-maintenance", "maintenance of remission", "NCIT:C156598"
    TRANSPLANT = "after-transplant", "after transplant"


class Sampling(ClosedSet):
    """How the analysed patients were chosen; case-control and survivor samples make rates meaningless."""

    CONSECUTIVE = "consecutive", "consecutive patients"
    TRIAL = "trial-population", "as enrolled in the trial"
    CASE_CONTROL = "case-control", "chosen by outcome"
    SURVIVORS = "survivors-only", "survivors only"
    RESPONDERS = "responders-only", "responders only"
    BY_PATHOLOGY = "chosen-by-pathology", "chosen by tumour pathology"
    AVAILABLE = "available-samples", "those with samples or data available"


class Stopping(ClosedSet):
    """How the study ended, if not as planned."""

    COMPLETED = "completed", "completed as planned"
    FUTILITY = "futility", "stopped early for futility"
    EFFICACY = "efficacy", "stopped early for efficacy"
    TOXICITY = "toxicity", "stopped early for toxicity"
    ACCRUAL = "accrual", "stopped early for slow accrual"
    OTHER = "other", "stopped early for another reason"


class Accrual(ClosedSet):
    """How an arm's recruitment departed from the others'."""

    ADDED_LATER = "added-later", "opened after others had recruited", "", "compares with concurrent patients only"
    CLOSED_EARLY = "closed-early", "closed before the others"
    WENT_ON_ALONE = "went-on-alone", "went on after the others had closed"
    REGIMEN_CHANGED = "regimen-changed", "dose or schedule changed during the study"


class Role(ClosedSet):
    """What a component is there for; a supportive drug is never the study's intervention."""

    INVESTIGATIONAL = "investigational", "investigational"
    BACKBONE = "backbone", "backbone given in every arm"
    CARRIER = "carrier", "carrier of the active part", "", "cells or vaccine that the agent supports, or the reverse"
    CONDITIONING = "conditioning", "conditioning before cells"
    SUPPORTIVE = "supportive", "supportive"
    COMPARATOR = "comparator", "comparator"
    PROCEDURE = "procedure", "procedure"


class Setting(ClosedSet):
    """Where a phase of treatment is given."""

    INPATIENT = "inpatient", "inpatient"
    OUTPATIENT = "outpatient", "outpatient"
    HOME = "home", "home"
    INTENSIVE_CARE = "intensive-care", "intensive care or full support"
    MIXED = "mixed", "in- and outpatient"


class PhaseKind(ClosedSet):
    """Which part of a regimen a phase is."""

    TREATMENT = "treatment", "treatment"
    PRIMING = "priming", "priming or lead-in"
    CONDITIONING = "conditioning", "conditioning"
    INDUCTION = "induction", "induction", "NCIT:C156595"
    CONSOLIDATION = "consolidation", "consolidation"
    MAINTENANCE = "maintenance", "maintenance", "NCIT:C156598"
    ESCALATION = "escalation-level", "dose level of an escalation"
    SURGERY = "surgery", "surgery or procedure"


class Body(ClosedSet):
    """What a dose is scaled by."""

    FLAT = "flat", "flat"
    PER_KG = "per-kg", "per kg body weight"
    PER_M2 = "per-m2", "per m² body surface"


class Per(ClosedSet):
    """The time or event an amount belongs to."""

    DOSE = "dose", "per dose"
    DAY = "day", "per day"
    HOURS_12 = "12-hours", "per 12 hours"
    HOUR = "hour", "per hour"
    WEEK = "week", "per week"
    CYCLE = "cycle", "per cycle"
    TOTAL = "total", "in total"


class UnitFamily(ClosedSet):
    """Families of dose units. Two families never compare without a factor and its source."""

    IU = "iu", "international units", "UCUM:[iU]"
    CETUS = "cetus-units", "Cetus units"
    BRMP = "brmp-units", "BRMP units"
    ROCHE = "roche-units", "Roche units"
    U = "unlabelled-units", "units, standard not named", "UCUM:[arb'U]"
    MASS = "mass", "mass", "UCUM:g"
    CELLS = "cells", "cells"
    GRAY = "gray", "radiation dose"
    MOLAR = "molar", "amount of substance"
    COUNT = "count", "pieces", "", "vials, doses, transfusions"


class Condition(ClosedSet):
    """When an optional part of a regimen is given."""

    ALWAYS = "always", "to everyone"
    IF_RESPONDING = "if-responding", "only when responding"
    IF_NOT_PROGRESSING = "if-not-progressing", "only when responding or stable"
    IF_TOLERATED = "if-tolerated", "as tolerated"
    OPTIONAL = "optional", "optional"


class PopulationBasis(ClosedSet):
    """What a denominator counts."""

    ENROLLED = "enrolled", "enrolled"
    RANDOMISED = "randomised", "randomised"
    ELIGIBLE = "eligible", "eligible"
    ITT = "itt", "intention to treat"
    TREATED = "treated", "treated"
    EVALUABLE = "evaluable", "evaluable for response"
    PER_PROTOCOL = "per-protocol", "per protocol"
    TOXICITY = "toxicity-evaluable", "evaluable for toxicity"
    MARKER = "marker-evaluable", "with the marker measured"
    RESPONDERS = "responders", "responders"
    NON_RESPONDERS = "non-responders", "non-responders"
    SUBGROUP = "subgroup", "subgroup"
    MATCHED = "matched", "matched sample"
    SURVIVORS = "survivors", "survivors"
    CONTROLS = "controls", "people not treated"
    UNSTATED = "unstated", "basis not stated"


class MarkerClass(ClosedSet):
    """What sort of thing a biomarker measures."""

    CELL_NUMBER = "cell-number", "cell number"
    CELL_FUNCTION = "cell-function", "cell function"
    SOLUBLE = "soluble-mediator", "soluble mediator"
    PHENOTYPE = "phenotype", "phenotype or expression"
    TUMOUR = "tumour-marker", "tumour marker"
    GENOTYPE = "genotype", "genotype"
    CLINICAL = "clinical-sign", "clinical sign"
    EXPOSURE = "exposure", "exposure to treatment"
    COMPOSITE = "composite", "composite or score"


class MarkerRole(ClosedSet):
    """What a rise of the marker stands for; only `activation` counts as immune activation."""

    ACTIVATION = "activation", "immune activation", "GO:0002253"
    SUPPRESSION = "suppression", "immune suppression"
    INFLAMMATION = "inflammation", "inflammation"
    TUMOUR = "tumour", "tumour"
    NONE = "none", "none of these"


class MeasureKind(ClosedSet):
    """What is measured of an analyte."""

    COUNT = "count", "number of cells"
    PERCENTAGE = "percentage", "share of cells"
    FUNCTION = "function", "function in an assay"
    CYTOTOXICITY = "cytotoxicity", "killing of target cells"
    PROLIFERATION = "proliferation", "proliferation"
    CONCENTRATION = "concentration", "concentration"
    PRODUCTION = "production", "production by cells"
    EXPRESSION = "expression", "expression"
    RATIO = "ratio", "ratio"
    SCORE = "score", "score or model"
    OCCURRENCE = "occurrence", "occurrence"
    GENOTYPE = "genotype", "genotype"
    DOSE = "dose", "dose received"
    OTHER = "other", "other"


class Compartment(ClosedSet):
    """Where a marker was measured."""

    BLOOD = "blood", "blood", "OBI:0000655"
    SERUM = "serum", "serum", "OBI:0100017"
    PLASMA = "plasma", "plasma", "OBI:0100016"
    TUMOUR = "tumour", "tumour", "NCIT:C18009"
    MARROW = "bone-marrow", "bone marrow", "UBERON:0002371"
    LYMPH_NODE = "lymph-node", "lymph node", "UBERON:0000029"
    SKIN = "skin", "skin"
    URINE = "urine", "urine", "UBERON:0001088"
    EFFUSION = "effusion", "effusion"
    CULTURE = "culture", "cell culture"
    PRODUCT = "infusion-product", "infused cell product"
    GERMLINE = "germline", "germline"
    WHOLE_BODY = "whole-body", "whole patient"


class MarkerTime(ClosedSet):
    """When a marker was measured, relative to treatment."""

    CONSTITUTIONAL = "constitutional", "constitutional"
    BASELINE = "baseline", "before treatment"
    HOURS_AFTER_DOSE = "hours-after-dose", "within hours of a dose"
    ON_TREATMENT = "on-treatment", "during treatment"
    REBOUND = "rebound", "rebound after a course"
    AFTER_TREATMENT = "after-treatment", "after treatment"
    CHANGE = "change-from-baseline", "as change from baseline"
    PRODUCT_RELEASE = "at-infusion", "in the product at infusion"


class Direction(ClosedSet):
    """How a marker moved, or lay, as the source reports it."""

    INCREASE = "increase", "rose", "PATO:0000470"
    DECREASE = "decrease", "fell", "PATO:0001997"
    NO_CHANGE = "no-change", "measured, no change"
    MIXED = "mixed", "rose in some patients or at some times, fell in others"
    RISE_THEN_FALL = "rise-then-fall", "rose, then fell or attenuated"
    FALL_THEN_RISE = "fall-then-rise", "fell, then rose"


class Comparison(ClosedSet):
    """What a change is measured against."""

    BASELINE = "baseline", "before treatment"
    INDUCTION = "induction", "the induction phase"
    PREVIOUS = "previous-course", "the course before"
    HEALTHY = "healthy-controls", "healthy controls"
    OTHER_ARM = "other-arm", "the other arm"
    OTHER_GROUP = "other-group", "another group of patients"


class ContrastDirection(ClosedSet):
    """How the first group lies against the second."""

    HIGHER = "higher", "higher"
    LOWER = "lower", "lower"
    NO_DIFFERENCE = "no-difference", "no difference"


class Association(ClosedSet):
    """How a high value, or the presence, of a marker goes with an endpoint.

    `positive` means more of the endpoint: more responses, longer survival, more toxicity.
    """

    POSITIVE = "positive", "goes with more of the endpoint"
    NEGATIVE = "negative", "goes with less of the endpoint"
    NONE = "none", "no association"
    MIXED = "mixed", "differs between groups or analyses"
    DIFFERS = "differs", "associated, direction not stated", "", "the marker differs by outcome but which way is not said"


class NullBasis(ClosedSet):
    """What a "no association" rests on. The four are not the same evidence."""

    TESTED = "tested", "tested"
    STATED = "stated", "stated without a statistic"
    ACTIVATION_WITHOUT_RESPONSE = "activation-without-response", "activated, with next to no responders to correlate with"
    IMPLIED_BY_OMISSION = "implied-by-omission", "implied: measured, and not among what is said to differ"


class Adjustment(ClosedSet):
    """Whether an association was adjusted for other factors."""

    UNADJUSTED = "unadjusted", "unadjusted"
    ADJUSTED = "adjusted", "adjusted"
    MATCHED = "matched", "by matching"
    STRATIFIED = "stratified", "within strata"


class Criteria(ClosedSet):
    """Response criteria; their eras do not pool without being asked."""

    WHO = "who", "WHO"
    RECIST = "recist", "RECIST, version not stated", "NCIT:C49164"
    RECIST_1_0 = "recist-1.0", "RECIST 1.0", "NCIT:C124414"
    RECIST_1_1 = "recist-1.1", "RECIST 1.1", "NCIT:C124415"
    IRECIST = "irecist", "iRECIST", "NCIT:C136711"
    IRRC = "irrc", "immune-related response criteria"
    IRRC_MODIFIED = "irrc-modified", "modified immune-related response criteria"
    OWN = "own", "the study's own criteria"
    DISEASE_SPECIFIC = "disease-specific", "criteria of the disease", "", "marrow, cytology, bladder and the like"


class Assessor(ClosedSet):
    """Who judged the response."""

    INVESTIGATOR = "investigator", "investigator"
    INDEPENDENT = "independent", "independent review"
    BLINDED_INDEPENDENT = "blinded-independent", "blinded independent central review"


class CountOf(ClosedSet):
    """What the events count."""

    PATIENTS = "patients", "patients"
    COURSES = "courses", "courses"
    LESIONS = "lesions", "lesions"
    CYCLES = "cycles", "cycles"
    SAMPLES = "samples", "samples"
    TRIALS = "trials", "trials"


class ComparisonKind(ClosedSet):
    """What stands against what in a comparison."""

    RANDOMISED = "randomised", "randomised arms"
    NOT_RANDOMISED = "not-randomised", "arms not randomised"
    FACTORIAL = "factorial-margin", "factorial margin: several arms against several"
    MULTI_WAY = "multi-way", "one test over three or more groups"
    HISTORICAL = "historical", "against a historical rate"
    SUBGROUPS = "subgroups", "subgroups of patients"
    BY_OUTCOME = "by-outcome", "responders against the others"
    CONTROLS = "controls", "against people not treated"
    COMPARTMENTS = "compartments", "one compartment against another in the same patients"
    ANALYTES = "analytes", "one marker against another in the same patients"


class EffectMeasure(ClosedSet):
    """What an estimate of contrast is."""

    HR = "hr", "hazard ratio", "STATO:0000677"
    OR = "or", "odds ratio", "STATO:0000182"
    RR = "rr", "risk ratio", "STATO:0000245"
    RD = "rd", "risk difference", "STATO:0000424"
    MEAN_DIFFERENCE = "mean-difference", "difference in means", "STATO:0000457"
    MEDIAN_DIFFERENCE = "median-difference", "difference in medians"
    SMD = "smd", "standardised mean difference", "STATO:0000100"
    CORRELATION = "correlation", "correlation coefficient", "STATO:0000142"
    RATIO = "ratio", "ratio"
    FOLD = "fold-change", "fold change"
    AUC = "auc", "area under the curve", "STATO:0000209"
    P_ONLY = "p-only", "a P value without an estimate", "STATO:0000700"
    OTHER = "other", "other"


class Statement(ClosedSet):
    """What a result in words says about the first group."""

    BETTER = "better", "better"
    WORSE = "worse", "worse"
    NO_DIFFERENCE = "no-difference", "no difference"
    SIMILAR = "similar", "similar"
    NOT_REACHED = "not-reached", "not reached"
    OBSERVED = "observed", "seen, not counted"
    NOT_OBSERVED = "not-observed", "not seen"
    DESCRIBED = "described", "described in words"


class TimeUnit(ClosedSet):
    """Units of time, as printed."""

    HOURS = "hours", "hours", "UCUM:h"
    DAYS = "days", "days", "UCUM:d"
    WEEKS = "weeks", "weeks", "UCUM:wk"
    MONTHS = "months", "months", "UCUM:mo"
    YEARS = "years", "years", "UCUM:a"


class Statistic(ClosedSet):
    """What a single number of a group is."""

    MEAN = "mean", "mean", "STATO:0000573"
    MEDIAN = "median", "median", "STATO:0000574"
    GEOMETRIC_MEAN = "geometric-mean", "geometric mean", "STATO:0000396"
    TOTAL = "total", "total"
    MAXIMUM = "maximum", "maximum"
    MINIMUM = "minimum", "minimum"
    PERCENT_CHANGE = "percent-change", "change in percent"
    FOLD = "fold-change", "fold change"
    PERCENTAGE = "percentage", "percentage", "STATO:0000639"
    VALUE = "value", "value"


class ToxicityScale(ClosedSet):
    """Scale of an adverse event's grade."""

    WHO = "who", "WHO"
    NCI_CTC = "nci-ctc", "NCI CTC, version not stated"
    CTC_2 = "ctc-2", "NCI CTC 2"
    CTCAE = "ctcae", "CTCAE, version not stated", "NCIT:C49704"
    CTCAE_3 = "ctcae-3", "CTCAE 3"
    CTCAE_4 = "ctcae-4", "CTCAE 4"
    CTCAE_5 = "ctcae-5", "CTCAE 5"
    OWN = "own", "the study's own scale"


class Relation(ClosedSet):
    """What the authors say links subject and object of a claim."""

    ASSOCIATED = "associated-with", "goes with"
    NOT_ASSOCIATED = "not-associated-with", "does not go with"
    INCREASES = "increases", "increases"
    DECREASES = "decreases", "decreases"
    NO_EFFECT = "no-effect-on", "does not change"
    PREDICTS = "predicts", "predicts"
    NOT_PREDICTS = "does-not-predict", "does not predict"
    ACTIVE = "active-in", "has antitumour activity in"
    INACTIVE = "inactive-in", "has little or no activity in"
    SUPERIOR = "superior-to", "is better than"
    NOT_SUPERIOR = "not-superior-to", "is not better than"
    COMPARABLE = "comparable-to", "is comparable to"
    TOLERABLE = "tolerable-in", "can be given safely in"
    TOXIC = "toxic-in", "is too toxic in"
    NEEDS_STUDY = "needs-study", "needs study"


class Polarity(ClosedSet):
    """Whether the study's own evidence supports the claim."""

    SUPPORTS = "supports", "supports", "SEPIO:0000403"
    DISPUTES = "disputes", "disputes", "SEPIO:0000404"
    NEUTRAL = "neutral", "neither", "SEPIO:0000405"


class BiasInstrument(ClosedSet):
    """Risk-of-bias instruments, with their version."""

    ROB_2 = "rob-2", "RoB 2 (2019)"
    ROBINS_I_2016 = "robins-i-2016", "ROBINS-I (2016)"
    ROBINS_I_2025 = "robins-i-v2", "ROBINS-I version 2"
    MINORS = "minors", "MINORS"
    JBI = "jbi", "JBI checklist"
    QUIPS = "quips", "QUIPS"


class BiasJudgement(ClosedSet):
    """Judgement on one domain or overall."""

    LOW = "low", "low"
    SOME = "some-concerns", "some concerns"
    MODERATE = "moderate", "moderate"
    SERIOUS = "serious", "serious"
    HIGH = "high", "high"
    CRITICAL = "critical", "critical"
    NO_INFORMATION = "no-information", "no information"


class Grade(ClosedSet):
    """GRADE certainty of a body of evidence."""

    HIGH = "high", "high"
    MODERATE = "moderate", "moderate"
    LOW = "low", "low"
    VERY_LOW = "very-low", "very low"


class BiasFlag(ClosedSet):
    """Threats to validity that a reader must see beside the number."""

    IMMORTAL_TIME = "immortal-time", "immortal time: to respond one must live long enough"
    RESPONDER_SURVIVAL = "responder-survival", "survival of responders against non-responders"
    POST_HOC = "post-hoc", "post-hoc subgroup or cut-off"
    HISTORICAL_CONTROL = "historical-control", "historical control"
    EXPOSURE_CONFOUNDED = "exposure-common-cause", "treatment exposure may cause both marker and outcome"
    CASE_CONTROL = "case-control-sampling", "sampled by outcome: rates are not response rates"
    SURVIVOR_SAMPLE = "survivors-only", "survivors only"
    SMALL_SUBGROUP = "small-subgroup", "small subgroup"
    MULTIPLE_TESTING = "multiple-testing", "many markers or subgroups tested"
    NOT_PREDICTIVE = "prognostic-not-predictive", "called predictive without an untreated comparison"
    DELIVERED_DOSE = "delivered-dose", "delivered dose used as predictor"
    ALPHA = "nominal-not-allotted", "below nominal P, above the allotted alpha"
    NON_CONCURRENT = "non-concurrent", "groups not treated at the same time"
    SELECTIVE = "selective-reporting", "only part of what was measured is reported"
    CO_INTERVENTION = "co-intervention", "arms differ in more than the named agent"


class AmbiguityKind(ClosedSet):
    """Why a passage cannot be taken at face value."""

    TWO_READINGS = "two-readings", "can be read two ways"
    PRINTED_ERROR = "printed-error", "printed error, kept as printed"
    GARBLED = "garbled", "garbled print, such as a lost superscript"
    CONTRADICTION = "contradiction", "the source contradicts itself or another report"
    MISSING = "missing", "a needed detail is missing"
    CAUTION = "caution", "to be kept in mind when using the number"


class Status(ClosedSet):
    """How far a record has come."""

    DRAFT = "draft", "draft"
    REVIEWED = "reviewed", "reviewed", "", "read against its source by a second reader"
    ACCEPTED = "accepted", "accepted"
    WITHDRAWN = "withdrawn", "withdrawn"


class AgentClass(ClosedSet):
    """What sort of intervention an agent is."""

    IL2 = "il-2", "interleukin-2"
    ENGINEERED_IL2 = "engineered-il-2", "engineered or fused interleukin-2"
    IL15 = "il-15", "interleukin-15 agonist"
    IL7 = "il-7", "interleukin-7 agonist"
    INTERFERON = "interferon", "interferon"
    CYTOKINE = "cytokine", "other cytokine or growth factor"
    CHECKPOINT = "checkpoint-inhibitor", "checkpoint inhibitor"
    ANTIBODY = "antibody", "antibody"
    CELLS = "cell-product", "cell product"
    VACCINE = "vaccine", "vaccine or microbial stimulant"
    CHEMOTHERAPY = "chemotherapy", "chemotherapy"
    TARGETED = "targeted-drug", "targeted drug"
    HORMONE = "hormone", "hormone or hormone blocker"
    RADIATION = "radiation", "radiation"
    PROCEDURE = "procedure", "procedure"
    MODULATOR = "immune-modulator", "other immune modulator"
    SUPPORTIVE = "supportive-drug", "supportive drug"
    CONTROL = "control", "placebo, observation or supportive care"
    GROUP = "group", "several agents named together"


class EndpointKind(ClosedSet):
    """What sort of outcome an endpoint is."""

    RESPONSE = "response", "tumour response"
    SURVIVAL = "survival", "survival or time to event"
    TOXICITY = "toxicity", "toxicity"
    DELIVERY = "delivery", "treatment delivered"
    QUALITY_OF_LIFE = "quality-of-life", "quality of life"
    PHARMACOLOGY = "pharmacology", "pharmacology"
    OTHER = "other", "other"


class Favours(ClosedSet):
    """Which way an endpoint is good for the patient."""

    MORE = "more", "more is better"
    LESS = "less", "less is better"
    NEITHER = "neither", "neither"


class RegimenClass(ClosedSet):
    """Classes of a regimen; set by rules over the parsed components, never typed by hand."""

    HIGH_DOSE_BOLUS = "high-dose-bolus", "high-dose bolus IL-2"
    LOW_DOSE_BOLUS = "low-dose-bolus", "low-dose bolus IL-2"
    BOLUS_UNSCALED = "bolus-dose-not-comparable", "bolus IL-2, dose not given or not comparable"
    CONTINUOUS = "continuous-infusion", "continuous-infusion IL-2"
    DECRESCENDO = "decrescendo-infusion", "decrescendo IL-2"
    SUBCUTANEOUS = "subcutaneous", "subcutaneous IL-2"
    INHALED = "inhaled", "inhaled IL-2"
    LOCAL = "local", "local or regional IL-2"
    INTRAVENOUS = "intravenous-unspecified", "intravenous IL-2, mode not given"
    IL2_UNSPECIFIED = "il-2-unspecified", "IL-2, route not given"
    MIXED_ROUTES = "mixed-routes", "IL-2 by several routes"
    ENGINEERED = "engineered-il-2", "engineered IL-2"
    IL15 = "il-15", "IL-15 agonist"
    IL7 = "il-7", "IL-7 agonist"
    NO_IL2 = "no-il-2", "no IL-2 family agent"


class VocabularyKind(ClosedSet):
    """The open sets; each is a file of `entries/vocabulary/`."""

    AGENTS = "agents", "agents"
    BIOMARKERS = "biomarkers", "biomarkers"
    CONDITIONS = "conditions", "conditions"
    ENDPOINTS = "endpoints", "endpoints"
    ASSAYS = "assays", "assays"
    ROUTES = "routes", "routes"
    UNITS = "units", "units"
    ADVERSE_EVENTS = "adverse-events", "adverse events"
