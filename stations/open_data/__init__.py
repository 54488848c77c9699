"""What the register gives away: the public facts of its stations, in formats that other programs read.

Only what a station's page shows to everybody, and less: keepers, cadres, remarks, money and mobile numbers stay here.
Positions are WGS-84 degrees in every format, and every record says when its facts were last confirmed.
"""
