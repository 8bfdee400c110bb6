import { Button } from "@mantine/core";
import { IconDoorExit } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { Failure, ToRooms } from "../failure/failure-screen.tsx";
import { useVisit, useVisitState } from "./use-visit.ts";

/** The stay is over, and not by one's own doing: why, and where to go. */
export function DepartedScreen() {
  const { t } = useTranslation();
  const visit = useVisit();
  const departure = useVisitState((state) => state.departure) ?? "left";
  const words = {
    "turned away": ["door.refusedTitle", "door.refusedText"],
    kicked: ["door.kickedTitle", "door.kickedText"],
    banned: ["door.bannedTitle", "door.bannedText"],
    left: ["door.leftTitle", "door.leftText"],
    removed: ["door.removedTitle", "door.removedText"],
  } as const;
  const [title, text] = words[departure];
  return (
    <Failure
      testId="departed"
      icon={<IconDoorExit size={40} stroke={1.4} aria-hidden />}
      title={t(title)}
      text={t(text)}
    >
      {departure === "left" && <Button onClick={() => void visit.open()}>{t("door.again")}</Button>}
      <ToRooms />
    </Failure>
  );
}
