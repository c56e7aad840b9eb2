# The rooms of the house: what each may know. make builds one archive a room
# and links each against these alone; tests/lint.sh holds every #include
# against the same lines. Lower rooms never know higher ones.
#
# floor 1
KNOW_base    :=
# floor 2
KNOW_terms   := base
KNOW_stat    := base
KNOW_traffic := base
# floor 3
KNOW_meaning := stat base
KNOW_result  := traffic terms base
KNOW_suite   := traffic terms base
KNOW_import  := traffic base
# floor 4
KNOW_score   := meaning suite traffic terms stat base
# floor 5
KNOW_judge   := score meaning suite result traffic terms stat base
# outside harness/
KNOW_replay  := suite traffic terms base
# beside the judge: what it judges, it sends itself
KNOW_drill   := replay suite traffic terms base
KNOW_reports := result traffic terms base
# floor 6: harness/cmd, the program, knows all
KNOW_cmd     := drill replay reports judge score meaning suite result import \
    traffic terms stat base
