"""What a pool gives, whatever the method."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Settings:
    """How to pool.

    Attributes:
        method: `DL REML PM ML EB SJ HS HE` for random effects, `EE` for equal effects, `MH`, `PETO`, `GLMM`.
        test: `z`, `knha` for Knapp and Hartung's t, `adhoc` for the same with the guard against too narrow intervals.
        level: Level of all intervals in percent.
    """

    method: str = "REML"
    test: str = "z"
    level: float = 95.0


@dataclass(frozen=True, slots=True)
class Coefficient:
    """One coefficient of a model, on the analysis scale; None where the data do not give it."""

    name: str
    estimate: float
    se: float | None
    ci_low: float | None
    ci_high: float | None
    statistic: float | None
    p: float | None


@dataclass(frozen=True, slots=True)
class Pooled:
    """A pooled estimate, on the analysis scale.

    Attributes:
        method: As in `Settings`.
        test: As in `Settings`.
        level: Level of the intervals in percent.
        k: Studies that entered.
        estimate: Pooled effect; None where none is finite, and `notes` then say why.
        se: Its standard error.
        ci_low: Lower bound of its interval.
        ci_high: Upper bound.
        p: P value against no effect; meaningless for a single arm.
        pi_low: Lower bound for the effect of a new study, None under equal effects.
        pi_high: Upper bound.
        tau2: Variance between studies.
        tau2_low: Lower bound by the Q profile; None where it has no meaning.
        tau2_high: Upper bound.
        q: Cochran's Q; the likelihood ratio against a model with an effect for each study under GLMM.
        q_df: Its degrees of freedom.
        q_p: Its P value.
        i2: Share of the variance that lies between studies, in percent.
        h2: Total over typical sampling variance.
        weights: Percent of the weight of each study, in order; empty where the method has none.
        scale: Factor of Knapp and Hartung on the variance; 1 without it.
        notes: What a reader must know.
    """

    method: str
    test: str
    level: float
    k: int
    estimate: float | None
    se: float | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    p: float | None = None
    pi_low: float | None = None
    pi_high: float | None = None
    tau2: float | None = None
    tau2_low: float | None = None
    tau2_high: float | None = None
    q: float | None = None
    q_df: int | None = None
    q_p: float | None = None
    i2: float | None = None
    h2: float | None = None
    weights: tuple[float, ...] = ()
    scale: float = 1.0
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Regression:
    """A meta-regression.

    Attributes:
        coefficients: Intercept and moderators.
        k: Studies that entered.
        tau2: Residual variance between studies.
        q: Residual heterogeneity.
        q_df: Its degrees of freedom.
        q_p: Its P value.
        i2: Residual share between studies in percent.
        h2: Residual H2.
        r2: Share of tau2 that the moderators account for, in percent; None where there was none.
        qm: Test of all moderators together: chi-squared, or F with Knapp and Hartung.
        qm_df: Its degrees of freedom, one or two.
        qm_p: Its P value.
        permutation_p: P value of that test by permuting the moderators, or None.
        permutations: How many were tried.
        exact: Whether these were all there are.
        notes: What a reader must know.
        covariance: Covariance of the coefficients, in their order.
    """

    coefficients: tuple[Coefficient, ...]
    k: int
    tau2: float
    q: float
    q_df: int
    q_p: float
    i2: float
    h2: float
    r2: float | None
    qm: float | None
    qm_df: tuple[int, ...]
    qm_p: float | None
    permutation_p: float | None = None
    permutations: int = 0
    exact: bool = False
    notes: tuple[str, ...] = ()
    covariance: tuple[tuple[float, ...], ...] = ()
