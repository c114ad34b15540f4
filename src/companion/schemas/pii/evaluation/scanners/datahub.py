"""DataHub's classifier judges columns by weighted evidence; here the name has all the weight.

It needs an environment of its own (``pip install acryl-datahub-classify click``): it wants older releases of spaCy and
phonenumbers than Presidio does.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from unittest import mock

from companion.schemas.pii.evaluation.scanners.scanner import NamedField, Scanner
from companion.schemas.pii.verdict import Level

THRESHOLD = 0.68  # DataHub's own default: a name that matches as a whole counts 1, a part of it 0.65

MEANINGS = {
    "US_Social_Security_Number": (Level.HIGH, ""),
    "Credit_Debit_Card_Number": (Level.HIGH, ""),
    "IBAN": (Level.HIGH, ""),
    "US_Driving_License_Number": (Level.HIGH, ""),
    "Swift_Code": (Level.PUBLIC, "names a bank, not an account"),
    "Email_Address": (Level.MEDIUM, "taken for a private one, since nothing says that it is one of work"),
    "Phone_Number": (Level.MEDIUM, "taken for a private one, since nothing says that it is one of work"),
    "Street_Address": (Level.MEDIUM, ""),
    "IP_Address_v4": (Level.MEDIUM, ""),
    "IP_Address_v6": (Level.MEDIUM, ""),
    "Vehicle_Identification_Number": (Level.MEDIUM, "leads to its keeper as a licence plate does"),
    "Full_Name": (Level.LOW, ""),
    "Gender": (Level.LOW, ""),
    "Age": (Level.LOW, ""),
}


def find(fields: Sequence[NamedField]) -> list[set[str]]:
    """Predict the info types of columns that have a name and no values."""
    import spacy

    # The model, which it would download on import, judges values alone; names never reach it.
    with mock.patch("spacy.load", return_value=spacy.blank("en")):
        from datahub_classify import infotype_helper  # noqa: F401
    from datahub_classify.helper_classes import ColumnInfo, Metadata
    from datahub_classify.infotype_predictor import predict_infotypes
    from datahub_classify.reference_input import input1

    config = copy.deepcopy(input1)
    for settings in config.values():
        settings["Prediction_Factors_and_Weights"] = {"Name": 1, "Description": 0, "Datatype": 0, "Values": 0}
    columns = [
        ColumnInfo(Metadata({"Name": field.field, "Description": field.comment, "Dataset_Name": field.message}), [])
        for field in fields
    ]
    found = predict_infotypes(columns, THRESHOLD, config, minimum_values_threshold=0)
    return [{proposal.infotype for proposal in column.infotype_proposals} for column in found]


DATAHUB = Scanner(
    name="datahub-classify",
    distribution="acryl-datahub-classify",
    how="its reference configuration with all weight on the name, above DataHub's default threshold",
    meanings=MEANINGS,
    find=find,
    needs=("datahub_classify", "spacy"),
)
