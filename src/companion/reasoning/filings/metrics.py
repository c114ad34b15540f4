"""The metrics of a filing: what tables call them, what prose calls them, and how their amounts are written.

Amounts are whole numbers, so that sums are exact: tenths of a million dollars, cents a share, tenths of a percent, and
heads.
"""

from __future__ import annotations

from dataclasses import dataclass

MILLIONS, PER_SHARE, PERCENT, HEADS = "USD million", "USD per share", "percent", "employees"
_PARTS = {MILLIONS: 10, PER_SHARE: 100, PERCENT: 10, HEADS: 1}

Amounts = dict[str, int]
"""An amount for each metric's key."""


@dataclass(frozen=True)
class Metric:
    """A line of the statements.

    Attributes
    ----------
    key, unit : str
        Its name in programs, and one of the four units.
    labels : tuple of str
        What firms call it in tables; each firm keeps to one. ``{segment}`` is the firm's segment.
    names : tuple of str
        What prose calls it.
    stock : bool
        Whether it is a level at the end of a period rather than a flow within it.
    cause : str
        Which causes in `phrases.CAUSES` explain it, "" for none.
    """

    key: str
    unit: str
    labels: tuple[str, ...]
    names: tuple[str, ...]
    stock: bool = False
    cause: str = ""

    def value(self, amount: int) -> float:
        """Give an amount in the metric's unit."""
        return amount / _PARTS[self.unit]

    def in_prose(self, amount: int) -> str:
        """Write an amount as a sentence has it."""
        if self.unit == MILLIONS:
            return f"${amount // 10:,}.{amount % 10} million"
        if self.unit == PER_SHARE:
            return f"${amount // 100}.{amount % 100:02d}"
        return self.in_table(amount, thousands=False)

    def in_table(self, amount: int, *, thousands: bool) -> str:
        """Write an amount as a table has it, which says above its columns whether it counts in thousands."""
        if self.unit == MILLIONS:
            return f"{amount * 100:,}" if thousands else f"{amount // 10:,}.{amount % 10}"
        if self.unit == PER_SHARE:
            return f"{amount // 100}.{amount % 100:02d}"
        return f"{amount // 10}.{amount % 10}%" if self.unit == PERCENT else f"{amount:,}"


def _segment(number: int) -> Metric:
    return Metric(
        f"segment_{number}", MILLIONS,
        ("{segment} revenue", "{segment} net sales", "Revenue, {segment}"),
        ("{segment} revenue", "revenue of the {segment} segment", "the {segment} segment's sales",
         "external sales in {segment}", "the contribution of {segment} to revenue"),
        cause="segment",
    )  # fmt: skip


METRICS = {
    metric.key: metric
    for metric in (
        _segment(1),
        _segment(2),
        Metric("revenue", MILLIONS,
               ("Total revenue", "Net sales", "Total net revenues"),
               ("revenue", "consolidated revenue", "revenue from contracts with customers", "net revenue",
                "sales of both segments together"), cause="demand"),
        Metric("cost", MILLIONS,
               ("Cost of revenue", "Cost of sales", "Cost of goods and services sold"),
               ("cost of revenue", "the cost of what was sold", "direct costs", "costs of sales and delivery"),
               cause="cost"),
        Metric("gross_profit", MILLIONS,
               ("Gross profit", "Gross income"),
               ("gross profit", "profit after direct costs", "gross earnings", "the gross result")),
        Metric("gross_margin", PERCENT,
               ("Gross margin", "Gross profit as a percentage of revenue"),
               ("the gross margin", "gross profit in relation to revenue", "the gross profit rate",
                "gross return on sales")),
        Metric("research", MILLIONS,
               ("Research and development", "Product development expense", "Research and engineering expense"),
               ("research and development expense", "spending on research and new products", "engineering expense",
                "product development cost"), cause="research"),
        Metric("overhead", MILLIONS,
               ("Selling, general and administrative", "Sales and administrative expense", "SG&A expense"),
               ("selling, general and administrative expense", "overhead", "distribution and administration cost",
                "selling and administrative spending"), cause="overhead"),
        Metric("operating_income", MILLIONS,
               ("Operating income", "Income from operations", "Operating profit"),
               ("operating income", "income from operations", "operating profit", "profit before interest and taxes",
                "the operating result")),
        Metric("interest", MILLIONS,
               ("Interest expense, net", "Net interest expense", "Finance costs, net"),
               ("net interest expense", "interest cost net of interest earned", "financing expense",
                "the net cost of borrowing"), cause="interest"),
        Metric("taxes", MILLIONS,
               ("Provision for income taxes", "Income tax expense", "Income taxes"),
               ("the provision for income taxes", "income tax expense", "taxes on income", "the tax charge")),
        Metric("net_income", MILLIONS,
               ("Net income", "Net earnings", "Profit after tax"),
               ("net income", "net earnings", "profit after tax", "income after all expenses", "the bottom line")),
        Metric("eps", PER_SHARE,
               ("Diluted earnings per share", "Net income per diluted share", "Earnings per share, diluted"),
               ("diluted earnings per share", "net income per diluted share", "earnings for each diluted share",
                "profit per share on a diluted basis")),
        Metric("cash", MILLIONS,
               ("Cash and cash equivalents", "Cash and short-term deposits", "Cash on hand and equivalents"),
               ("cash and cash equivalents", "cash on hand", "liquid funds", "cash balances"), stock=True),
        Metric("debt", MILLIONS,
               ("Long-term debt", "Long-term borrowings", "Notes and term loans, non-current"),
               ("long-term debt", "long-term borrowings", "debt due after more than one year",
                "outstanding notes and term loans"), stock=True, cause="debt"),
        Metric("operating_cash", MILLIONS,
               ("Net cash provided by operating activities", "Cash flow from operations", "Operating cash flow"),
               ("net cash provided by operating activities", "cash generated by operations", "operating cash flow",
                "cash inflow from the business"), cause="cash"),
        Metric("investment", MILLIONS,
               ("Capital expenditures", "Purchases of property and equipment", "Additions to property and plant"),
               ("capital expenditures", "purchases of property and equipment", "investment in plant and equipment",
                "spending on fixed assets"), cause="investment"),
        Metric("backlog", MILLIONS,
               ("Order backlog", "Remaining performance obligations", "Unfilled orders"),
               ("order backlog", "the backlog of firm orders", "contracted work not yet performed",
                "orders on hand and not yet filled"), stock=True, cause="demand"),
        Metric("employees", HEADS,
               ("Full-time employees", "Headcount", "Persons employed"),
               ("the number of full-time employees", "headcount", "the workforce", "the number of persons employed"),
               stock=True),
    )
}  # fmt: skip
"""The metrics by key, in the order of the statements."""

WITHHELD = ("cash", "debt", "operating_cash", "investment", "backlog", "employees")
"""What may be missing: no other row of a table gives it away."""
