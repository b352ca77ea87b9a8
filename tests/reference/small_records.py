"""The part of the small design for the data sets beside admitted care, all roots and values invented."""

RECORD_TABLES = {
    "category": """category,field,values,level,grade
look,INV,02,1,authored
look,INV,24,3,authored
work,TREAT,01 011,1,authored
work,TREAT,22,4,authored
work,AEPATIENTGROUP,08,2,authored
work,CCAC,05 94,5,authored""",
    "organ": "organ,fields,grade\nlungs,BRSD ARSD,label\nheart,BCSD ACSD,label\nkidney,RSD,label",
    "list_records": """list,kind,codes,grade
dead,AEPATIENTGROUP,70,authored
teeth,TREAT,99,authored
scans,INV,24 99,authored
blood,RENALMOD,01,authored
bags,RENALMOD,02,authored
wrong,RENALMOD,1,authored
positive,HBV,POS,authored
positive,HCV,POS,authored
adult_unit,CCUF,1 04,authored
baby_unit,CCUF,13,authored
machine,CCAC,05,authored
misplaced,CCAC,95,authored
markers,procedure,W01,authored
team,procedure,W01,authored
first,FIRSTATT,01 3,authored
phone,FIRSTATT,4,authored
nose,procedure,N011,authored""",
    "rule_acc": """stage,from,when,to,method,grade
ACC,,not CCUF in adult_unit,UZ13,,authored
ACC,,organs 2+,AC01,,label
ACC,,BRSD 1+ and days CC_Start_Date to CC_Discharge_Date 0-2,AC02,,label
ACC,,not LSD 0+ and not days CC_Discharge_Date to CC_Start_Date 0+,AC04,,label
ACC,,organs 1+,AC03,,label
ACC,,,AC05,,label""",
    "rule_em": """stage,from,when,to,method,grade
EM,,AEPATIENTGROUP in dead,EM09,,label
EM,,TREAT in teeth and not INV in scans,EM08,,label
EM,,highest look 3 and highest work 4+,EM01,,label
EM,,highest look 1+ or highest work 1+ and age 5+,EM02,,probed
EM,,AGE 2+,EM03,,label
EM,,,EM04,,label""",
    "rule_nac": """stage,from,when,to,method,grade
route,,FIRSTATT in phone and not primary in burn and stay 0,RT01,G,authored
route,RT01,procedure in nose,RT02,,authored
procedure,PR03,site in parts,PR04,,label
NAC,,unbundled in second and STARTAGE 0-18,UZ14,,authored
NAC,,procedure in team,NA02,O,probed
NAC,,age 90+,NA03,O,label
NAC,,,NA01,O,label""",
    "rule_ncc": """stage,from,when,to,method,grade
NCC,,not CCUF in baby_unit,UZ11,,authored
NCC,,CCAC in misplaced,UZ21,,authored
NCC,,CCAC in machine or PERWT 0-999,NC01,,label
NCC,,days CCDate to DISDATE 0 and AGE_DAYS 0-1,NC02,,label
NCC,,GestLen 10-26 or DISMETH in ended,NC03,,label
NCC,,highest work 0,NC04,,label""",
    "rule_nrd": """stage,from,when,to,method,grade
NRD,,RENALMOD in wrong,UZ14,,authored
NRD,,HBV in positive or HCV in positive,NR02,,label
NRD,,RENALMOD in bags and age 19+,NR03,,label
NRD,,RENALMOD in blood,NR01,,label""",
    "rule_pcc": """stage,from,when,to,method,grade
PCC,,CCUF in baby_unit,UZ21,,authored
PCC,,primary in burn,PC01,,label
PCC,,secondary in burn and procedure in second,PC02,,label
PCC,,diagnosis in burnlike,PC03,,label
PCC,,highest work 5,PC04,,label
PCC,,days CCDate to DISDATE 0,PC05,,label
PCC,,,PC06,,label""",
    "split_records": "root,hrg,age,stay,interventions,cc,when,grade\n"
    + "".join(
        f"{root},{root}Z,,,,,,label\n"
        for root in (
            "AC01", "AC02", "AC03", "AC04", "AC05", "EM01", "EM02", "EM03", "EM04", "EM08", "EM09", "NA02", "NC01", "NC02",
            "NC03", "NR02", "NR03", "PC01", "PC02", "PC03", "PC04", "PC05", "PC06",
        )
    )
    + """NA01,NA01C,19+,,,,,label
NA01,NA01B,0-18,,,,,label
NA01,NA01A,,,,,FIRSTATT in first,probed
NR01,NR01A,19+,,,,,label
NR01,NR01B,0-18,,,,,label
RT02,RT02A,,0,0,0,,label
RT02,RT02B,,1+,0,0,,label
NC04,NC04A,,,,,PERWT 2500+,authored
NC04,NC04B,,,,,not PERWT 2500+,label""",
    "field_records": """dataset,field,required,kind,accepted,default,grade
EM NRD,AGE,yes,number,0-130,,label
EM,AEPATIENTGROUP,no,values,10 70 08,,label
EM,TREAT_01,no,exact,01 011 22 99,,label
EM,INV_01,no,exact,01 02 24 99,,label
NAC,FIRSTATT,yes,values,1 2 03 4,,label
NAC,MAINSPEF,yes,values,100,,label
NRD,RENALMOD,yes,exact,01 02 1,,label
NRD,RENALSITE,yes,exact,1 2,,label
NRD,RENALACCESS,no,exact,A B,,label
NRD,HBV,no,values,NEG POS UNK,,label
NRD,HCV,no,values,NEG POS UNK,,label
NRD,HIV,no,values,NEG POS UNK,,label
ACC PCC NCC,CCUF,yes,values,01 04 13 60,,label
"""
    + "".join(
        f"ACC,{name},no,number,0-99999,,label\n"
        for name in ("BCSD", "ACSD", "BRSD", "ARSD", "RSD", "NSD", "DSD", "LSD", "CCL2D", "CCL3D")
    )
    + """ACC,CC_Start_Date,no,date,,,label
ACC,CC_Discharge_Date,no,date,,,label
PCC NCC,PROCODET,no,text,,,label
PCC NCC,CCLocalID,no,text,,,label
PCC NCC,CCDate,yes,date,,,label
PCC NCC,DISDATE,yes,date,,,label
PCC NCC,CCAC_01,no,values,5 06 94 95,,label
PCC,OPER_01,no,procedure,,,label
PCC,DIAG_01,no,diagnosis,,,label
NCC,AGE_DAYS,yes,number,0+,,label
NCC,GestLen,yes,number,10-49,,label
NCC,PERWT,yes,weight,1-9999,,label""",
}  # fmt: skip
