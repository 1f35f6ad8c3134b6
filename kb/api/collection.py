"""A collection in Python: the questions of the command line as methods, with the same options and the same answers.

Options of a selection are keywords with underscores (`regimen_class="subcutaneous"`, `not_phase="1"`), each a value or
several. Answers come from the index, which is brought up to date at each question; records are read once, when first
asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any

from kb.api.answers import Concordance, Conflicts, Gaps, Report
from kb.api.table import Table

if TYPE_CHECKING:
    import networkx as nx
    import rdflib

    from kb.analysis.graph import Node
    from kb.analysis.listing import Listing
    from kb.analysis.selection import Selection
    from kb.diagnostics import Diagnostic
    from kb.model.study import Study
    from kb.model.vocabulary import Question
    from kb.project import Project
    from kb.records.collection import Collection as Records
    from kb.records.collection import Vocabulary
    from kb.records.index import Index

Options = str | Iterable[str]


class Collection:
    """A collection.

    Attributes:
        project: Where it lies, with its name and settings.
    """

    def __init__(self, project: Project) -> None:
        self.project = project

    def __repr__(self) -> str:
        return f"<Collection: {self.project.name}>"

    # Records

    @cached_property
    def records(self) -> Records:
        """Every record that can be read, as models."""
        from kb.records.collection import read_collection

        return read_collection(self.project)

    @property
    def studies(self) -> Mapping[str, Study]:
        """Studies by id, in the order of their files."""
        return self.records.studies

    @property
    def files(self) -> Mapping[str, str]:
        """File of each study, relative to the collection."""
        return self.records.files

    @property
    def vocabulary(self) -> Vocabulary:
        """All open sets of terms."""
        return self.records.vocabulary

    @property
    def questions(self) -> Mapping[str, Question]:
        """Curated questions by id."""
        return self.records.questions

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """What could not be read."""
        return self.records.diagnostics

    def study(self, ident: str) -> Study | None:
        """Return a study by id, or None."""
        return self.records.study(ident)

    def __iter__(self) -> Iterator[Study]:
        return iter(self.records)

    def __len__(self) -> int:
        return len(self.records)

    # Questions

    @contextmanager
    def index(self) -> Iterator[Index]:
        """Open the index, up to date, for questions of one's own."""
        from kb.records.index import open_index

        with open_index(self.project) as index:
            yield index

    @property
    def find(self) -> Finder:
        """Rows for a selection: `find.outcomes(agent="aldesleukin")`."""
        return Finder(self)

    def stats(self, **options: Options) -> Table:
        """Count studies, cohorts, arms, findings, outcomes and patients."""
        from kb.analysis.stats import stats

        with self._asked(options) as (index, selection):
            return Table(stats(index, selection))

    def concordance(self, *, threshold: float = 10.0, every_marker: bool = False, **options: Options) -> Concordance:
        """Set immune activation beside benefit.

        Args:
            threshold: Response in percent that benefit is measured by.
            every_marker: Whether markers that do not speak of the immune system are listed too.
            options: A selection.
        """
        from kb.analysis.concordance import concordance

        with self._asked(options) as (index, selection):
            return Concordance(concordance(index, selection, threshold=threshold, every_marker=every_marker))

    def conflicts(self, *, kinds: Iterable[str] = (), **options: Options) -> Conflicts:
        """List disagreements.

        Args:
            kinds: Kinds of question (`marker-endpoint`, `marker-direction`, `intervention-endpoint`); all without.
            options: A selection.
        """
        from kb.analysis.conflicts import KINDS, conflicts

        with self._asked(options) as (index, selection):
            return Conflicts(conflicts(index, selection, kinds=tuple(kinds) or KINDS), selection.describe())

    def gaps(self, **options: Options) -> Gaps:
        """Map where there is evidence, where it was looked for in vain, and where nobody looked."""
        from kb.analysis.gaps import gaps

        with self._asked(options) as (index, selection):
            return Gaps(gaps(index, selection), self.project)

    def compare(self, *studies: str) -> Table:
        """Set two to six studies side by side.

        Raises:
            UsageError: If a study does not exist.
        """
        from kb.analysis.compare import compare, listing

        with self.index() as index:
            return Table(listing(*compare(index, studies)))

    def report(self, question: str, /, **options: Options) -> Report:
        """Answer a curated question.

        Args:
            question: Its id.
            options: A selection that narrows every part of the question.

        Raises:
            UsageError: If there is no question of that id.
        """
        from kb.analysis.report import report
        from kb.errors import UsageError

        if question not in self.questions:
            raise UsageError(f'there is no question "{question}"', hint=f"one of {', '.join(self.questions) or 'none'}")
        with self._asked(options) as (index, selection):
            return Report(report(index, self.questions[question], selection), self.project)

    def graph(self, **options: Options) -> nx.MultiDiGraph[Node]:
        """Return the evidence graph; each edge carries its `kb.analysis.graph.Edge` as `evidence`."""
        from kb.analysis.graph import build, edges

        with self._asked(options) as (index, selection):
            return build(edges(index, selection))

    def sql(self, query: str) -> Table:
        """Ask the tables of the index in SQL, read-only.

        Raises:
            UsageError: If the query is no question, or takes too long.
        """
        from kb.analysis.listing import Listing
        from kb.records.query import ask

        with self.index() as index:
            answer = ask(index, query)
        return Table(Listing(answer.columns, answer.rows))

    def sparql(self, query: str) -> Table | str:
        """Ask the graph in SPARQL, read-only: a table for SELECT and ASK, N-Triples for CONSTRUCT and DESCRIBE.

        Raises:
            UsageError: If the query is no question or takes too long, or pyoxigraph is not installed.
        """
        from kb.analysis.listing import Listing
        from kb.export.rdf.names import namespaces
        from kb.records.graph_store import open_store
        from kb.records.sparql import ask_graph

        with self.index() as index:
            store = open_store(self.project, index, lambda: self._ntriples(index))
        answer = ask_graph(store, query, namespaces(self.project.base_iri))
        if answer.triples is not None:
            return "".join(f"{line}\n" for line in answer.triples)
        return Table(Listing(answer.columns, answer.rows))

    def tables(self) -> dict[str, Table]:
        """Return every table of the index by name, as `kb sql --schema` explains them."""
        from kb.analysis.listing import Listing
        from kb.records.tables import STUDY_TABLES, VOCABULARY_TABLES

        with self.index() as index:
            return {
                table.name: Table(Listing(tuple(table.names), index.rows(f"SELECT {', '.join(table.names)} FROM {table.name}")))
                for table in (*STUDY_TABLES, *VOCABULARY_TABLES)
            }

    def to_rdf(self, **options: Options) -> rdflib.Graph:
        """Return the RDF of the selected studies as an rdflib graph.

        Raises:
            UsageError: If rdflib is not installed.
        """
        from kb.errors import UsageError

        try:
            import rdflib
        except ImportError as error:
            raise UsageError("rdflib is not installed", hint='pip install "evidence-kb[rdf]"; sparql() needs pyoxigraph alone') from error
        from kb.export.rdf.names import namespaces

        graph = rdflib.Graph()
        with self.index() as index:
            graph.parse(data="".join(self._ntriples(index, options)), format="nt")
        for prefix, namespace in namespaces(self.project.base_iri).items():
            graph.bind(prefix, namespace, replace=True)
        return graph

    def _ntriples(self, index: Index, options: Mapping[str, Options] | None = None) -> Iterator[str]:
        from kb.analysis.selection import select
        from kb.export.extract import make_extract
        from kb.export.rdf.ntriples import ntriples

        return ntriples(make_extract(self.project, index, select(index, options)))

    @contextmanager
    def _asked(self, options: Mapping[str, Options]) -> Iterator[tuple[Index, Selection]]:
        from kb.analysis.selection import select

        with self.index() as index:
            yield index, select(index, options)


class Finder:
    """Rows of one kind for a selection.

    Every method takes the options of a selection and `columns`, `sort` (a minus before a name for descending), `limit`,
    and `group_by` to count instead of list.
    """

    def __init__(self, collection: Collection) -> None:
        self._collection = collection

    def studies(self, **options: Any) -> Table:
        """Return studies."""
        return self._find("studies", **options)

    def reports(self, **options: Any) -> Table:
        """Return reports."""
        return self._find("reports", **options)

    def arms(self, **options: Any) -> Table:
        """Return arms with their regimens."""
        return self._find("arms", **options)

    def populations(self, **options: Any) -> Table:
        """Return populations."""
        return self._find("populations", **options)

    def findings(self, **options: Any) -> Table:
        """Return immune findings."""
        return self._find("findings", **options)

    def outcomes(self, **options: Any) -> Table:
        """Return outcomes."""
        return self._find("outcomes", **options)

    def adverse_events(self, **options: Any) -> Table:
        """Return adverse events."""
        return self._find("adverse-events", **options)

    def claims(self, **options: Any) -> Table:
        """Return what authors conclude."""
        return self._find("claims", **options)

    def _find(
        self,
        kind: str,
        *,
        columns: Options = (),
        sort: Options = (),
        limit: int | None = None,
        group_by: Options = (),
        **options: Options,
    ) -> Table:
        from kb.analysis.find import find, group
        from kb.analysis.not_compared import not_compared

        with self._collection._asked(options) as (index, selection):
            listing: Listing
            if group_by:
                listing = group(index, kind, selection, _names(group_by), sort=_names(sort), limit=limit)
            else:
                listing = find(index, kind, selection, columns=_names(columns), sort=_names(sort), limit=limit)
            return Table(listing._replace(not_compared=tuple(map(str, not_compared(index, selection)))))


def _names(given: Options) -> list[str]:
    return [given] if isinstance(given, str) else list(given)
