# Pinned values of R's metafor, as JSON on standard output:
#   Rscript tests/analysis/reference/metafor.R > tests/analysis/reference/metafor.json
# Iterative estimators run to convergence far below the digits that are compared. Nothing but metafor, metadat and lme4.
suppressWarnings(suppressMessages({library(metafor); library(lme4)}))
options(warn = -1)

number <- function(x) ifelse(is.finite(x), formatC(x, digits = 17, format = "g"), "null")
json <- function(x) {
  if (is.null(x)) return("null")
  if (is.list(x)) return(paste0("{", paste0("\"", names(x), "\": ", vapply(x, json, ""), collapse = ", "), "}"))
  one <- if (is.character(x)) paste0("\"", x, "\"") else if (is.logical(x) && !anyNA(x)) ifelse(x, "true", "false") else number(as.numeric(x))
  if (length(x) == 1 && is.null(attr(x, "many"))) one else paste0("[", paste(one, collapse = ", "), "]")
}
many <- function(x) structure(x, many = TRUE)
columns <- function(d) lapply(as.list(d), function(x) many(as.numeric(x)))

# Thresholds are absolute in metafor, so they follow the scale of the data.
control_of <- function(yi, vi) { scale <- max(mean(vi), if (length(yi) > 1) var(yi) else 0); list(threshold = 1e-11 * scale, maxiter = 100000, tol = 1e-11 * scale, tau2.max = 1e4 * scale) }
sets <- list(); cases <- list()
add_set <- function(name, d) sets[[name]] <<- d
add_case <- function(set, kind, expect, ...) cases[[length(cases) + 1]] <<- list(set = set, kind = kind, ..., expect = expect)

pooled <- function(r) {
  p <- tryCatch(predict(r), error = function(e) list(pi.lb = NA, pi.ub = NA))
  low <- if (is.null(p$pi.lb)) NA else p$pi.lb; high <- if (is.null(p$pi.ub)) NA else p$pi.ub
  q <- if (is.null(r$QE)) r$QE.LRT else r$QE; qp <- if (is.null(r$QEp)) r$QEp.LRT else r$QEp
  list(estimate = r$beta[1], se = r$se[1], ci_low = r$ci.lb[1], ci_high = r$ci.ub[1], pi_low = low, pi_high = high,
       tau2 = r$tau2, q = q, q_p = qp, i2 = r$I2, h2 = r$H2, k = r$k)
}
fit <- function(yi, vi, method, test = "z", level = 95, ...)
  rma(yi, vi, method = method, test = test, level = level, control = control_of(yi, vi), ...)

# ---- effects with variances -------------------------------------------------------------------------------------------
methods <- c("DL", "REML", "PM", "ML", "EB", "SJ", "HS", "HE", "EE")
bcg <- escalc("RR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg)
add_set("bcg_effects", data.frame(yi = bcg$yi, vi = bcg$vi, ablat = bcg$ablat, year = bcg$year))
add_set("raudenbush", data.frame(yi = dat.raudenbush1985$yi, vi = dat.raudenbush1985$vi, weeks = dat.raudenbush1985$weeks))
add_set("hackshaw", data.frame(yi = dat.hackshaw1998$yi, vi = dat.hackshaw1998$vi, year = dat.hackshaw1998$year))
add_set("bangertdrowns", data.frame(yi = dat.bangertdrowns2004$yi, vi = dat.bangertdrowns2004$vi, ni = dat.bangertdrowns2004$ni))
add_set("normand", { d <- escalc("SMD", m1i = m1i, sd1i = sd1i, n1i = n1i, m2i = m2i, sd2i = sd2i, n2i = n2i, data = dat.normand1999); data.frame(yi = d$yi, vi = d$vi) })
add_set("two", data.frame(yi = c(0.2, 1.1), vi = c(0.04, 0.09)))
add_set("three", data.frame(yi = c(-0.5, 0.1, 1.4), vi = c(0.1, 0.02, 0.3)))
add_set("alike", data.frame(yi = c(0.30, 0.31, 0.29, 0.30), vi = c(0.1, 0.2, 0.15, 0.12)))
add_set("ties", data.frame(yi = c(0.5, 0.5, 0.5, -0.2, -0.2), vi = c(0.1, 0.1, 0.1, 0.1, 0.1)))
add_set("huge", data.frame(yi = c(120, -340, 560, 80, 210), vi = c(9e3, 4e4, 2.5e4, 1e4, 6e4)))
add_set("tiny", data.frame(yi = c(1e-4, 3e-4, -2e-4, 2.5e-4), vi = c(1e-9, 4e-9, 2e-9, 8e-9)))
for (name in names(sets)) for (method in methods)
  add_case(name, "effects", pooled(fit(sets[[name]]$yi, sets[[name]]$vi, method)), method = method, test = "z", level = 95)
for (name in c("bcg_effects", "raudenbush", "hackshaw", "normand", "two", "three", "alike")) for (test in c("knha", "adhoc")) for (method in c("DL", "REML", "PM"))
  add_case(name, "effects", pooled(fit(sets[[name]]$yi, sets[[name]]$vi, method, test)), method = method, test = test, level = 95)
for (level in c(80, 90, 97, 99)) add_case("bcg_effects", "effects", pooled(fit(bcg$yi, bcg$vi, "REML", level = level)), method = "REML", test = "z", level = level)
add_set("one", data.frame(yi = 0.4, vi = 0.05))
for (method in c("DL", "REML", "EE")) add_case("one", "effects", pooled(fit(0.4, 0.05, method)), method = method, test = "z", level = 95)

# ---- interval of tau2 by the Q profile --------------------------------------------------------------------------------
for (name in c("bcg_effects", "raudenbush", "hackshaw", "bangertdrowns", "normand", "two", "three", "ties", "huge", "tiny")) {
  ci <- confint(fit(sets[[name]]$yi, sets[[name]]$vi, "PM"), control = control_of(sets[[name]]$yi, sets[[name]]$vi)[c("maxiter", "tol", "tau2.max")])
  add_case(name, "q-profile", list(tau2_low = ci$random[1, "ci.lb"], tau2_high = ci$random[1, "ci.ub"]), method = "PM")
}

# ---- two-by-two tables ------------------------------------------------------------------------------------------------
table_of <- function(ai, n1i, ci, n2i) data.frame(ai = ai, n1i = n1i, ci = ci, n2i = n2i)
add_set("bcg", with(dat.bcg, table_of(tpos, tpos + tneg, cpos, cpos + cneg)))
add_set("collins", with(dat.collins1985a, { ok <- !is.na(b.xti) & !is.na(b.xci); table_of(b.xti[ok], nti[ok], b.xci[ok], nci[ok]) }))
add_set("nielweise", with(dat.nielweise2007, table_of(ai, n1i, ci, n2i)))
add_set("egger", with(dat.egger2001, table_of(ai, n1i, ci, n2i)))
add_set("linde", with(dat.linde2005, { ok <- !is.na(ai) & !is.na(ci); table_of(ai[ok], n1i[ok], ci[ok], n2i[ok]) }))
add_set("zeros", table_of(c(0, 0, 3, 1, 0), c(20, 30, 40, 25, 18), c(2, 0, 5, 4, 1), c(21, 28, 39, 25, 20)))
add_set("full", table_of(c(10, 7, 12), c(10, 12, 15), c(6, 9, 14), c(11, 12, 14)))
add_set("one_table", table_of(8, 40, 3, 42))
tables <- c("bcg", "collins", "nielweise", "egger", "linde", "zeros", "full", "one_table")
for (name in tables) { d <- sets[[name]]
  for (measure in c("RR", "OR", "RD")) for (method in c("EE", "DL", "REML")) for (plus in c(0, 0.5)) {
    e <- escalc(measure, ai = d$ai, n1i = d$n1i, ci = d$ci, n2i = d$n2i, add = plus, to = "only0")
    ok <- !is.na(e$yi) & !is.na(e$vi) & e$vi > 0
    if (sum(ok) > 0 && (plus == 0 || any(d[, c("ai", "ci")] == 0) || any(d$ai == d$n1i) || any(d$ci == d$n2i)))
      add_case(name, "tables", pooled(fit(e$yi[ok], e$vi[ok], method)), measure = measure, method = method, add = plus)
  }
  for (measure in c("RR", "OR", "RD")) {
    r <- tryCatch(rma.mh(measure = measure, ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = d), error = function(e) NULL)
    if (!is.null(r) && !is.na(r$beta)) add_case(name, "mh", pooled(r), measure = measure, add = 0.5)
  }
  r <- tryCatch(rma.peto(ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = d), error = function(e) NULL)
  if (!is.null(r)) add_case(name, "peto", pooled(r))
  e <- escalc("PETO", ai = d$ai, n1i = d$n1i, ci = d$ci, n2i = d$n2i, add = 0, to = "none")
  ok <- !is.na(e$yi) & is.finite(e$vi)
  add_case(name, "tables", pooled(fit(e$yi[ok], e$vi[ok], "DL")), measure = "PETO", method = "DL", add = 0)
}

# ---- proportions ------------------------------------------------------------------------------------------------------
add_set("pritz", with(dat.pritz1997, data.frame(xi = xi, ni = ni)))
add_set("debruin", with(dat.debruin2009, data.frame(xi = xi, ni = ni)))
add_set("responses", data.frame(xi = c(0, 5, 3, 12, 1, 7), ni = c(20, 25, 18, 40, 33, 15)))
add_set("ends", data.frame(xi = c(0, 10, 4, 9), ni = c(10, 10, 9, 9)))
add_set("few", data.frame(xi = c(2, 0, 1), ni = c(25, 18, 40)))
add_set("same", data.frame(xi = c(5, 10, 20), ni = c(25, 50, 100)))
for (name in c("pritz", "debruin", "responses", "ends", "few", "same")) { d <- sets[[name]]
  for (measure in c("PLO", "PR", "PLN", "PAS")) for (method in c("EE", "DL", "REML")) for (plus in c(0, 0.5)) {
    e <- escalc(measure, xi = d$xi, ni = d$ni, add = plus, to = "only0")
    ok <- !is.na(e$yi) & !is.na(e$vi) & is.finite(e$yi) & e$vi > 0 & is.finite(e$vi)
    if (sum(ok) > 1 && (plus == 0 || any(d$xi == 0 | d$xi == d$ni)))
      add_case(name, "proportions", pooled(fit(e$yi[ok], e$vi[ok], method)), measure = measure, method = method, add = plus)
  }
}

# ---- binomial-normal models -------------------------------------------------------------------------------------------
tight <- list(glmerCtrl = list(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-9, maxfun = 100000)))
# lme4 cannot fit `same`, whose studies are all alike, and on `ends` it stops anywhere on a flat ridge.
for (name in c("pritz", "debruin", "responses", "few"))
  add_case(name, "glmm", pooled(rma.glmm(measure = "PLO", xi = xi, ni = ni, data = sets[[name]], control = tight)), measure = "PLO")
for (name in c("bcg", "collins", "nielweise", "egger", "linde", "zeros")) {
  r <- tryCatch(rma.glmm(measure = "OR", ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = sets[[name]], control = tight), error = function(e) NULL)
  if (!is.null(r)) add_case(name, "glmm", pooled(r), measure = "OR")
}

# ---- means ------------------------------------------------------------------------------------------------------------
add_set("means", with(dat.normand1999, data.frame(m1i = m1i, sd1i = sd1i, n1i = n1i, m2i = m2i, sd2i = sd2i, n2i = n2i)))
for (measure in c("MD", "SMD")) {
  d <- escalc(measure, m1i = m1i, sd1i = sd1i, n1i = n1i, m2i = m2i, sd2i = sd2i, n2i = n2i, data = dat.normand1999)
  for (method in c("REML", "DL", "EE")) add_case("means", "means", pooled(fit(d$yi, d$vi, method)), measure = measure, method = method)
}

# ---- printed estimates with intervals ---------------------------------------------------------------------------------
add_set("hazards", data.frame(out = c(0.8, 0.65, 1.1, 0.92), ci.lb = c(0.6, 0.4, 0.85, 0.7), ci.ub = c(1.07, 1.06, 1.42, 1.21)))
for (level in c(90, 95, 97, 99)) {
  # conv.wald came with metafor 4; this is what it does.
  d <- with(sets$hazards, data.frame(yi = log(out), vi = ((log(ci.ub) - log(ci.lb)) / (2 * qnorm(0.5 + level / 200)))^2))
  add_case("hazards", "printed", pooled(fit(d$yi, d$vi, "REML")), measure = "HR", method = "REML", level = level)
}

# ---- meta-regression --------------------------------------------------------------------------------------------------
regress <- function(r) list(beta = many(c(r$beta)), se = many(r$se), ci_low = many(r$ci.lb), tau2 = r$tau2, q = r$QE, q_p = r$QEp, i2 = r$I2,
                            qm = r$QM, qm_p = r$QMp, r2 = if (is.null(r$R2)) NA else r$R2)
for (method in c("REML", "DL", "ML", "PM", "EE", "SJ", "HE", "HS")) for (test in c("z", "knha"))
  add_case("bcg_effects", "regression", regress(fit(bcg$yi, bcg$vi, method, test, mods = ~ ablat, data = bcg)), moderators = many("ablat"), method = method, test = test)
add_case("bcg_effects", "regression", regress(fit(bcg$yi, bcg$vi, "REML", mods = ~ ablat + year, data = bcg)), moderators = many(c("ablat", "year")), method = "REML", test = "z")
small <- bcg[1:6, ]
add_set("bcg_six", data.frame(yi = small$yi, vi = small$vi, ablat = small$ablat))
for (test in c("z", "knha")) { r <- fit(small$yi, small$vi, "REML", test, mods = ~ ablat, data = small)
  add_case("bcg_six", "permutation", list(p = permutest(r, exact = TRUE, progbar = FALSE)$QMp), moderators = many("ablat"), method = "REML", test = test) }

# ---- what rests on single studies, and small studies ------------------------------------------------------------------
for (name in c("bcg_effects", "raudenbush", "normand")) for (test in c("z", "knha")) {
  r <- fit(sets[[name]]$yi, sets[[name]]$vi, "REML", test)
  l <- leave1out(r)
  add_case(name, "leave-one-out", list(estimate = many(l$estimate), se = many(l$se), tau2 = many(l$tau2), q = many(l$Q), i2 = many(l$I2)), method = "REML", test = test)
  i <- influence(r)$inf
  add_case(name, "influence", list(rstudent = many(i$rstudent), dffits = many(i$dffits), cook = many(i$cook.d), cov_ratio = many(i$cov.r), hat = many(i$hat)), method = "REML", test = test)
  u <- cumul(r)
  add_case(name, "cumulative", list(estimate = many(u$estimate), se = many(u$se)), method = "REML", test = test)
  g <- regtest(r)
  add_case(name, "egger", list(z = g$zval, p = g$pval, limit = g$est), method = "REML", test = test)
}
for (name in c("bcg_effects", "raudenbush", "hackshaw", "bangertdrowns")) for (method in c("REML", "DL")) {
  t <- trimfill(fit(sets[[name]]$yi, sets[[name]]$vi, method), control = control_of(sets[[name]]$yi, sets[[name]]$vi))
  add_case(name, "trim-and-fill", list(filled = t$k0, estimate = t$beta[1], se = t$se, tau2 = t$tau2, right = t$side == "right"), method = method)
}

cat("{\n\"versions\": ", json(list(R = paste(R.version$major, R.version$minor, sep = "."), metafor = as.character(packageVersion("metafor")),
    metadat = as.character(packageVersion("metadat")), lme4 = as.character(packageVersion("lme4")))), ",\n\"sets\": {\n", sep = "")
cat(paste0("\"", names(sets), "\": ", vapply(sets, function(d) json(columns(d)), "")), sep = ",\n")
cat("\n},\n\"cases\": [\n")
cat(vapply(cases, json, ""), sep = ",\n")
cat("\n]\n}\n")
