"""The columns of the `stations` sheet, and the headings real lists use for them."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from stations.cells import (
    CoordinateWidget,
    DatumWidget,
    DivisionWidget,
    FacilitiesWidget,
    FacilityFlagWidget,
    HoursWidget,
    IdentifierWidget,
    LatitudeLongitude,
    SeatsWidget,
    SplitWidget,
)
from stations.people import KeeperNameWidget, PhonesWidget
from stations.resources.words import ACCESS, ACCURACIES, BUILD_MODES, StatusWidget, words
from unionportal.sheets.cells import SQUARE_METRES
from unionportal.sheets.resources import SheetField
from unionportal.sheets.widgets import DateWidget, DecimalWidget, TextWidget, WordWidget

COLUMNS = (
    SheetField(
        "code",
        "站点编码",
        TextWidget(20),
        headings=["驿站编码", "平台编码", "系统编码", "station code"],
        note=_("Given by the portal. Leave blank for a new station."),
        width=18,
    ),
    SheetField(
        "name",
        "站点名称",
        TextWidget(120, join_chinese=True),
        required=True,
        headings=words(
            "名称 驿站名称 服务站点名称 站点 驿站 站名 公开候选名称 点位名称 阵地名称 纳凉点名称 "
            "人防工程 工程名称 场所名称 项目名称 title station station_name"
        ),
        example="五华区示例路工会驿站",
        width=30,
    ),
    SheetField(
        "organization",
        "所属工会",
        headings=["主管工会", "所属组织", "建站工会", "管理工会", "所属工会组织", "工会编码", "owner", "organization"],
        note=_("Name or code of a union in your branch; blank: the organization you import for."),
        width=24,
    ),
    SheetField(
        "kind",
        "站点类型",
        headings=["类型", "类别", "站点类别", "驿站类型", "阵地类型", "性质", "type", "kind", "category", "种类"],
        note=_("Choose from the list."),
        example="户外劳动者服务站点",
        width=20,
    ),
    SheetField("local_brand", "本地品牌", TextWidget(60), headings=["品牌", "品牌名称", "brand"]),
    SheetField(
        "district",
        "区县",
        DivisionWidget(),
        headings=words(
            "所在区县 县区 区域 市县 地区 所属区县 区市县 县市区 行政区 行政区划 所属区域 所在区域 城区 "
            "所在地区 district region area_name 区划 区划代码 所属地区 县(市、区) 市(州) 城市 市 区"
        ),
        attribute="division",
        example="五华区",
        width=14,
    ),
    SheetField(
        "street",
        "乡镇街道",
        headings=["街道", "镇街", "所属街道", "乡镇", "街镇", "所在街道", "街道(乡镇)", "street", "town"],
        export=False,
        example="华山街道",
    ),
    SheetField(
        "address",
        "地址",
        TextWidget(200, join_chinese=True),
        headings=words(
            "详细地址 站点地址 位置 地点 具体位置 地理位置 具体地址 所在地址 地址位置 站址 坐落 坐落位置 "
            "新增和升级地址 address addr location_name"
        ),
        example="五华区示例路1号",
        width=34,
    ),
    SheetField(
        "directions",
        "怎么找到",
        TextWidget(300),
        headings=["交通", "交通指引", "附近地标", "路线", "指引", "乘车路线", "transport", "directions"],
        width=24,
    ),
    SheetField(
        "longitude",
        "经度",
        LatitudeLongitude(),
        headings=["lng", "lon", "long", "x", "东经", "x坐标", "经度坐标", "gps经度"],
        example="102.712345",
        width=12,
    ),
    SheetField(
        "latitude",
        "纬度",
        LatitudeLongitude(),
        headings=["lat", "y", "北纬", "y坐标", "纬度坐标", "gps纬度"],
        example="25.040609",
        width=12,
    ),
    SheetField(
        "coordinates",
        "坐标",
        CoordinateWidget(),
        headings=["经纬度", "地图坐标", "定位", "坐标点", "location", "coordinates", "lnglat", "latlng", "原始坐标"],
        export=False,
    ),
    SheetField(
        "datum",
        "坐标系",
        DatumWidget(),
        headings=["坐标系统", "坐标类型", "坐标来源", "source_coordinate_system", "coord_sys", "crs", "datum"],
        note=_("WGS-84, CGCS2000, GCJ-02 or BD-09."),
        example="GCJ-02",
        width=10,
    ),
    SheetField("accuracy", "坐标精度", WordWidget(ACCURACIES), headings=["定位方式", "accuracy"], width=10),
    SheetField(
        "hours",
        "开放时间",
        HoursWidget(),
        headings=words(
            "服务时间 营业时间 开放时段 开放时间段 服务时间段 运行时间 对外开放时间 每日开放时间 "
            "运营时间 开放日期 开站时间 工作时间 开闭时间 服务时段 开放情况 serviceTime open_hours "
            "opening_hours hours business_hours open_time 开门时间 开馆时间 开始时间 开放时间/开始 "
            "开放时间/起 开放时间/开门 服务时间/开始 营业时间/开始"
        ),
        attribute="hours_text",
        example="周一至周五 8:30-17:30",
        width=26,
    ),
    SheetField(
        "closes",
        "关门时间",
        headings=words(
            "闭馆时间 结束时间 关闭时间 下班时间 闭站时间 开放时间/结束 开放时间/止 开放时间/关门 "
            "服务时间/结束 营业时间/结束 close_time closing_time"
        ),
        export=False,
        note=_("Only where the opening time stands in a column of its own."),
    ),
    SheetField(
        "access", "进入方式", WordWidget(ACCESS, inside=True), headings=["开门方式", "门禁方式", "进站方式", "access"]
    ),
    SheetField(
        "facilities",
        "设施",
        FacilitiesWidget(),
        headings=words(
            "服务设施 设施设备 配备设施 设备设施 配套设施 服务内容 提供服务 可提供服务 配套 配置 "
            "服务项目 设施情况 设备 服务功能 功能 配备 基本设施 硬件设施 物资 facilities facilityList "
            "facility serviceContent facilities_hint features services 特色"
        ),
        repeatable=True,
        attribute="facilities_text",
        example="饮水机、微波炉、空调、应急药箱、Wi-Fi",
        width=34,
    ),
    SheetField("facility_flag", "设施（有/无）", FacilityFlagWidget(), repeatable=True, flags=True, export=False),
    SheetField(
        "phone",
        "公开电话",
        PhonesWidget(),
        headings=words(
            "联系电话 电话 服务电话 咨询电话 联系方式 站点电话 热线 服务热线 办公电话 固定电话 座机 "
            "联系人及电话 联系人及联系方式 负责人及电话 负责人及联系方式 phoneNumber contactPhone "
            "contact phone tel telephone"
        ),
        attribute="public_phone",
        example="0871-00000000",
        width=18,
    ),
    SheetField(
        "keeper_name",
        "管理员",
        KeeperNameWidget(60),
        headings=words(
            "负责人 站长 联系人 管理人员 责任人 站点负责人 值守人员 联系人姓名 负责人姓名 站长姓名 "
            "管理员姓名 联系人信息/姓名 keeper manager"
        ),
        private=True,
    ),
    SheetField(
        "keeper_phone",
        "管理员电话",
        PhonesWidget(),
        headings=words(
            "负责人电话 站长电话 联系人电话 手机 手机号 手机号码 管理人员电话 责任人电话 负责人联系方式 mobile"
        ),
        private=True,
        export=False,
    ),
    SheetField(
        "host",
        "依托单位",
        TextWidget(120),
        headings=["承建单位", "建设单位", "所在单位", "依托场所", "承办单位", "运营单位", "管理单位", "host"],
        attribute="host_name",
        width=22,
    ),
    SheetField("host_kind", "依托类型", headings=["依托场所类型", "场所类型", "host_kind", "单位类型"]),
    SheetField(
        "co_builders",
        "共建单位",
        SplitWidget(),
        headings=["合作单位", "联建单位", "co_builders"],
        export=False,
        width=22,
    ),
    SheetField(
        "build_mode",
        "建设方式",
        WordWidget(BUILD_MODES, inside=True),
        headings=["建设模式", "建设类型", "共建方式", "build_mode"],
    ),
    SheetField(
        "area",
        "面积（㎡）",
        DecimalWidget(2, SQUARE_METRES),
        headings=["面积", "建筑面积", "使用面积", "场地面积", "占地面积", "服务面积", "area"],
        example="30",
        width=10,
    ),
    SheetField(
        "seats",
        "座位数",
        SeatsWidget(),
        headings=["容纳人数", "可容纳人数", "座位", "接待人数", "capacity", "seats"],
        example="10",
        width=8,
    ),
    SheetField(
        "opened_on",
        "启用日期",
        DateWidget(),
        headings=words(
            "建成时间 建成日期 启用时间 投用时间 建站时间 成立时间 投入使用时间 建设时间 挂牌时间 opened_on year"
        ),
        example="2023-05-01",
        width=12,
    ),
    SheetField(
        "investment",
        "投入资金（元）",
        headings=["投资", "投入资金", "投资金额", "建设资金", "建设经费", "投资额", "资金投入", "investment"],
        width=12,
    ),
    SheetField(
        "sign_number",
        "标牌编号",
        IdentifierWidget(60),
        headings=["牌匾编号", "标识牌号", "牌号", "铭牌编号", "sign_number"],
    ),
    SheetField(
        "list_id",
        "名单编号",
        IdentifierWidget(60),
        headings=["编号", "站点编号", "驿站编号", "id", "POI_ID", "poi", "no", "No.", "站点序号", "唯一编号", "代码"],
        width=12,
    ),
    SheetField("theme", "主题", TextWidget(120), headings=["阵地主题", "theme"]),
    SheetField("responsible_cadre", "包保干部", TextWidget(60), headings=["包联干部", "联系干部", "responsible_cadre"]),
    SheetField(
        "status",
        "状态",
        StatusWidget(),
        headings=["运行状态", "站点状态", "建设状态", "开放状态", "使用状态", "status", "state"],
        width=10,
    ),
    SheetField(
        "remarks",
        "备注",
        TextWidget(),
        headings=["说明", "其他", "补充说明", "remark", "remarks", "note", "notes", "description"],
        repeatable=True,
        width=24,
    ),
)
