"""What staff type: 2026-12-20, 2026/12/20, 2026.12.20 and, as the pages show it, 2026年12月20日; 9：00 as 9:00."""

# Django's own list has %n and %j, which no clock reads; the first is the one that fields are filled with.
DATE_INPUT_FORMATS = ["%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日", "%Y 年 %m 月 %d 日"]
TIME_INPUT_FORMATS = ["%H:%M", "%H:%M:%S", "%H:%M:%S.%f", "%H：%M", "%H点%M分"]
