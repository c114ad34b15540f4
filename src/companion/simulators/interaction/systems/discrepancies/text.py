"""CSV, YAML and encodings: what a reader makes of text that carries no types."""

from __future__ import annotations

from pathlib import Path

from companion.simulators.interaction.systems.discrepancies.row import BY_DESIGN, OPEN, Outcome, row
from companion.simulators.interaction.systems.libraries import ask, csv_file, duck, pa, pa_csv, pd, pq, seen, yaml


@row(
    10,
    "CSV: an empty field, the letters NA, and x",
    "pandas pyarrow duckdb",
    BY_DESIGN,
    "State what means 'no value': keep_default_na=False, null_values, nullstr.",
    {
        "pandas": "[nan, nan, 'x']",
        "pyarrow": "['', 'NA', 'x']",
        "DuckDB": "[None, 'NA', 'x']",
    },
)
def not_available(folder: Path) -> Outcome:
    """Read a column of text in which one field is empty and one is Namibia's code."""
    path = csv_file(folder, 'code,n\n"",1\nNA,2\nx,3\n')
    return {
        "pandas": seen(lambda: pd.read_csv(path)["code"].tolist()),
        "pyarrow": seen(lambda: pa_csv.read_csv(path)["code"].to_pylist()),
        "DuckDB": seen(lambda: [code for (code,) in ask(f"SELECT code FROM '{path}' ORDER BY n")]),
    }


@row(
    11,
    "CSV: a postcode with a leading zero",
    "pandas pyarrow duckdb",
    BY_DESIGN,
    "Read codes as text by stating the column's type.",
    {
        "pandas": "2134",
        "pyarrow": "2134",
        "DuckDB": "'02134'",
        "pandas, dtype str": "'02134'",
    },
)
def leading_zero(folder: Path) -> Outcome:
    """Read 02134, a postcode of Boston."""
    path = csv_file(folder, "zip,n\n02134,1\n10001,2\n")
    return {
        "pandas": seen(lambda: pd.read_csv(path)["zip"].tolist()[0]),
        "pyarrow": seen(lambda: pa_csv.read_csv(path)["zip"].to_pylist()[0]),
        "DuckDB": seen(lambda: repr(ask(f"SELECT zip FROM '{path}'")[0][0])),
        "pandas, dtype str": seen(lambda: repr(pd.read_csv(path, dtype={"zip": str})["zip"].tolist()[0])),
    }


@row(
    12,
    "CSV in latin-1: one reader changes the column's type and says nothing",
    "pandas pyarrow duckdb",
    BY_DESIGN,
    "Write UTF-8; state the encoding of what others wrote; check the types after reading.",
    {
        "pyarrow": "binary b'caf\\xe9'",
        "pandas": "refused: UnicodeDecodeError",
        "DuckDB": "refused: InvalidInputException",
    },
)
def latin_1(folder: Path) -> Outcome:
    """Read café in the bytes of latin-1 as what each reader takes by default."""
    path = csv_file(folder, "name,n\ncafé,1\n".encode("latin-1"))
    return {
        "pyarrow": seen(lambda: f"{(table := pa_csv.read_csv(path))['name'].type} {table['name'][0].as_py()!r}"),
        "pandas": seen(lambda: pd.read_csv(path)["name"].tolist()),
        "DuckDB": seen(lambda: ask(f"SELECT name FROM '{path}'")),
    }


@row(
    16,
    "YAML 1.1: Norway, twenty-two minutes past ten, a code, and a thousand",
    "PyYAML",
    BY_DESIGN,
    "Quote every text in YAML, and check what was read against a schema.",
    {
        "PyYAML": "[False, 1342, 10, '1e3']",
    },
)
def norway(folder: Path) -> Outcome:
    """Read four words that nobody meant as they are read."""
    return {"PyYAML": seen(lambda: yaml.safe_load("[NO, 22:22, 012, 1e3]"))}


@row(
    24,
    "CSV: rows that end in a comma, one more than the header has names",
    "pandas pyarrow duckdb",
    BY_DESIGN,
    "Refuse rows whose width is not the header's; in pandas, index_col=False.",
    {
        "pandas": "{'a': [2, 4], 'b': [nan, nan]}",
        "DuckDB": "{'a': [1, 3], 'b': [2, 4]}",
        "pyarrow": "refused: ArrowInvalid",
    },
)
def trailing_comma(folder: Path) -> Outcome:
    """Read two rows of two values, each with a comma too many."""
    path = csv_file(folder, "a,b\n1,2,\n3,4,\n")
    return {
        "pandas": seen(lambda: pd.read_csv(path).to_dict("list")),
        "DuckDB": seen(lambda: {name: [row[at] for row in ask(f"SELECT a, b FROM '{path}'")]
                                for at, name in enumerate("ab")}),
        "pyarrow": seen(lambda: pa_csv.read_csv(path).to_pydict()),
    }  # fmt: skip


@row(
    27,
    "CSV: a fraction after 30,000 integers",
    "pandas pyarrow duckdb",
    f"{OPEN}: duckdb 25824",
    "In DuckDB, sample_size=-1, or state the columns' types.",
    {
        "DuckDB": "3",
        "DuckDB, sample_size=-1": "2.6",
        "pandas": "2.6",
        "pyarrow": "2.6",
    },
)
def beyond_the_sample(folder: Path) -> Outcome:
    """Read the last value of a column whose first 20,480 lines are integers."""
    path = csv_file(folder, "x\n" + "".join(f"{number}\n" for number in range(30_000)) + "2.6\n")
    return {
        "DuckDB": seen(lambda: ask(f"SELECT last(x) FROM '{path}'")[0][0]),
        "DuckDB, sample_size=-1": seen(lambda: ask(f"SELECT last(x) FROM read_csv('{path}', sample_size=-1)")[0][0]),
        "pandas": seen(lambda: float(pd.read_csv(path)["x"].iloc[-1])),
        "pyarrow": seen(lambda: pa_csv.read_csv(path)["x"][-1].as_py()),
    }


@row(
    29,
    "DuckDB to CSV and back: an empty text and no value",
    "duckdb",
    BY_DESIGN,
    "Write with a nullstr that no value has, and read with the same.",
    {
        "bytes": "['1,\"\"', '2,']",
        "read again": "[None, None]",
        "with a nullstr": "['', None]",
    },
)
def empty_or_null(folder: Path) -> Outcome:
    """Copy '' and NULL into a file, look at its bytes, and read it again."""
    path = str(folder / "t.csv")
    marked = str(folder / "marked.csv")
    rows = "(VALUES (1, ''), (2, NULL)) t(n, s)"
    with duck() as connection:
        connection.execute(f"COPY (FROM {rows}) TO '{path}' (FORMAT csv)")
        connection.execute(f"COPY (FROM {rows}) TO '{marked}' (FORMAT csv, NULLSTR '\\N')")
    return {
        "bytes": seen(lambda: Path(path).read_text().splitlines()[1:]),
        "read again": seen(lambda: [text for _, text in ask(f"FROM '{path}' ORDER BY n")]),
        "with a nullstr": seen(
            lambda: [text for _, text in ask(f"FROM read_csv('{marked}', nullstr='\\N') ORDER BY n")]
        ),
    }


@row(
    30,
    "A folder named zip=02134 is a partition's value",
    "pyarrow duckdb",
    BY_DESIGN,
    "State the types of the partition columns.",
    {
        "pyarrow": "2134",
        "DuckDB": "'02134'",
    },
)
def hive_partition(folder: Path) -> Outcome:
    """Read a Parquet file from a folder whose name holds a value."""
    inner = folder / "zip=02134"
    inner.mkdir()
    pq.write_table(pa.table({"n": [1]}), str(inner / "t.parquet"))
    query = f"SELECT zip FROM read_parquet('{folder}/*/*.parquet', hive_partitioning=true)"
    return {
        "pyarrow": seen(lambda: pq.read_table(str(folder))["zip"].to_pylist()[0]),
        "DuckDB": seen(lambda: repr(ask(query)[0][0])),
    }
